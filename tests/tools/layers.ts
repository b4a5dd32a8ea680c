/** @file The rules between modules (the layout of the design), judged over a map of file -> text. */

import { posix } from 'node:path'
import ts from 'typescript'

/** Layers from the bottom up; a module imports within its own folder, or from a lower layer. */
const LAYERS: readonly (readonly string[])[] = [
  ['src/core/'],
  ['src/file/', 'src/text/', 'src/gpu/', 'src/wasm/', 'src/grammar/'],
  ['src/store/', 'src/model/', 'src/sample/', 'src/kernels/'],
  ['src/forward/'],
  ['src/rwkv/'],
  ['src/feeder/'],
  ['src/session/'],
  ['src/engine/'],
  ['src/client/', 'src/engine.ts', 'src/node/'],
  ['src/element/', 'src/node.ts'],
  ['src/frameworks/'],
  ['src/index.ts'],
  ['demo/'],
  ['workers/'],
]

/** What the page loads. It imports from here alone, or its bundle would hold the engine that the worker holds. */
const PAGE = [
  'src/core/',
  'src/text/prompt-format.ts',
  /^src\/rwkv\/(v\d\/)?tensors\.ts$/,
  'src/client/',
  'src/element/',
  'src/index.ts',
  'demo/',
]

/** A version of RWKV is imported by its own folder, and by the lists of versions: all of it, or its tensors. */
const VERSION = /^src\/rwkv\/v\d\//
const VERSION_LISTS: Readonly<Record<string, RegExp>> = {
  'src/rwkv/index.ts': /\/v(\d)\/v\1\.ts$/,
  'src/rwkv/tensors.ts': /\/v\d\/tensors\.ts$/,
}

/** From path to path, both from the root of the project. */
export interface Edge {
  readonly from: string
  readonly to: string
}

/**
 * All imports between the modules of `files`, of values and of types. A path with a query (`?raw`, `?worker&url`) is no
 * import: it gives the text or the address of a file; nor is a style sheet.
 */
export function importsOf(files: ReadonlyMap<string, string>): Edge[] {
  return Array.from(files, ([from, text]) =>
    ts
      .preProcessFile(text, true, true)
      .importedFiles.map(({ fileName }) => fileName)
      .filter((name) => name.startsWith('.') && !name.includes('?') && !name.endsWith('.css'))
      .map((name) => ({ from, to: posix.join(posix.dirname(from), name) })),
  ).flat()
}

/** Every broken rule in a sentence; none if all is well. */
export function findLayerFaults(files: ReadonlyMap<string, string>): string[] {
  const edges = importsOf(files)
  return [
    ...[...files.keys()].filter((path) => placeOf(path) === undefined).map((path) => `${path} is in no layer`),
    ...edges.flatMap(judge),
    ...findCycles(edges).map((cycle) => `cycle: ${cycle.join(' -> ')}`),
  ]
}

function judge({ from, to }: Edge): string[] {
  const [above, below] = [placeOf(from), placeOf(to)]
  if (!above) return [] // said already
  if (!below) return [`${from} imports ${to}, which is in no layer`]
  const faults: string[] = []
  if (below.layer > above.layer) faults.push(`${from} imports upward: ${to}`)
  else if (below.layer === above.layer && below.folder !== above.folder)
    faults.push(`${from} imports sideways from another folder: ${to}`)
  const version = VERSION.exec(to)?.[0]
  if (version && !from.startsWith(version) && !VERSION_LISTS[from]?.test(to))
    faults.push(`${from} imports a version of RWKV: ${to}`)
  if (isPage(from) && !isPage(to)) faults.push(`${from} is on the page and imports the engine's ${to}`)
  return faults
}

const isPage = (path: string) =>
  PAGE.some((place) => (typeof place === 'string' ? path.startsWith(place) : place.test(path)))

function placeOf(path: string): { layer: number; folder: string } | undefined {
  for (const [layer, folders] of LAYERS.entries()) {
    const folder = folders.find((place) => path.startsWith(place))
    if (folder) return { layer, folder }
  }
  return undefined
}

/** One cycle, as a closed path, for each import that closes one in a walk from every module. */
function findCycles(edges: readonly Edge[]): string[][] {
  const targets = new Map<string, string[]>()
  for (const { from, to } of edges) targets.set(from, [...(targets.get(from) ?? []), to])
  const done = new Set<string>()
  const cycles: string[][] = []
  const walk = (module: string, path: readonly string[]) => {
    if (path.includes(module)) {
      cycles.push([...path.slice(path.indexOf(module)), module])
      return
    }
    if (done.has(module)) return
    for (const to of targets.get(module) ?? []) walk(to, [...path, module])
    done.add(module)
  }
  for (const module of targets.keys()) walk(module, [])
  return cycles
}
