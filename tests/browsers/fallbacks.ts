/**
 * @file What browsers lack of what we use, and what is there instead. Whatever else one of them lacks (`lacks.json`, measured
 * by `measure.ts`) may not be used before it has an entry here: a test sees to it.
 */

/** Something of the web platform that not all have. */
export interface Fallback {
  readonly what: string
  /** As `usedInScripts` and `platformStyles` name its parts. */
  readonly parts: string
  readonly instead: string
}

export const fallbacks: readonly Fallback[] = [
  {
    what: 'WebGPU',
    parts:
      'gpu requestAdapter requestDevice architecture isFallbackAdapter features limits device lost queue createBindGroup createBindGroupLayout createCommandEncoder createComputePipelineAsync createPipelineLayout createQuerySet createShaderModule getBindGroupLayout setBindGroup getCompilationInfo lineNum pushErrorScope popErrorScope maxBufferSize maxComputeWorkgroupsPerDimension maxStorageBufferBindingSize',
    instead: 'Models run on the CPU, in WebAssembly.',
  },
  {
    what: 'Memory that threads share, which only isolated pages have',
    parts: 'SharedArrayBuffer',
    instead: 'One thread computes.',
  },
  {
    what: 'Files for pages (OPFS) and their sync access handles',
    parts: 'storage estimate getDirectoryHandle getFileHandle removeEntry createSyncAccessHandle getSize truncate',
    instead: 'A model is fetched each time it is opened, which one notice says; storedModels() is empty.',
  },
  {
    what: 'Writing such files from the page',
    parts: 'FileSystemFileHandle createWritable',
    instead: 'Model files of the reader’s are not kept: they are chosen again.',
  },
  {
    what: 'Handing files to the system',
    parts: 'canShare share',
    instead: 'The file is saved.',
  },
  {
    what: 'What the reader wants of the network (Save-Data)',
    parts: 'connection',
    instead: 'A model below 20 MB is loaded as for everybody.',
  },
  {
    what: 'How much memory the device has',
    parts: 'deviceMemory',
    instead: 'States take the share of a small device.',
  },
  {
    what: 'A name that a library of ours uses too',
    parts: 'blocking',
    instead:
      'It is a callback of idb, called where a newer version waits for the database; the platform’s is not used.',
  },
  {
    what: 'A message box that grows by itself',
    parts: 'field-sizing',
    instead: 'A script sets its height.',
  },
  {
    what: 'Line breaks chosen with care',
    parts: 'text-wrap: pretty',
    instead: 'Lines break as usual.',
  },
  {
    what: 'Colours of our own where the system forces its colours',
    parts: 'forced-color-adjust',
    instead: 'There the system does not force any.',
  },
  {
    what: 'Text that phones do not enlarge',
    parts: '-webkit-text-size-adjust',
    instead: 'Only phones enlarge it.',
  },
]

/** Names of our own things that something of the platform happens to have too. */
export const ours =
  'address channel constraint createReader createSession details dispose draw element endpoint file focused inputs isDirectory isFile lines lock messages ordered outputs phone registration remote respond results streams to transcript transformer unit use'
