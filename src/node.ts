/**
 * @file Public exports for node: models from folders and files on disk, on Dawn where the package `webgpu` is installed.
 *
 * @module rwkv.js/node
 */

import type { LoadOptions, Model, ModelSource } from './core/protocol.ts'
import { createEngine, type Engine, type EngineOptions } from './engine.ts'
import { fileFetch } from './node/file-fetch.ts'
import { bytesAt, sourceAt } from './node/places.ts'
import { nodeThreads } from './node/threads.ts'

export * from './engine.ts'

/** As those of `createEngine`; what node has is the default. */
export type NodeEngineOptions = Partial<EngineOptions>

/**
 * An engine for node. Without `gpu` it takes Dawn's, from the package `webgpu` where that is installed; without a GPU,
 * models run on the CPU. Strings for `loadModel` that are no addresses are paths, of a folder or of a weights file; so is
 * `vocabulary`. A folder's files are read as if they had been chosen; what lies beside a file is found by its name.
 * @throws RwkvError `option/invalid`; `loadModel` also `file/not-found`
 *
 * @example
 * ```ts
 * import { createNodeEngine } from 'rwkv.js/node'
 *
 * const engine = await createNodeEngine({ device: 'wasm' })
 * const model = await engine.loadModel('./models/storyteller')
 * console.log(model.info.device.name) // → wasm
 * await engine.dispose()
 * ```
 */
export async function createNodeEngine(options: NodeEngineOptions = {}): Promise<Engine> {
  const found = options?.gpu ? { gpu: options.gpu } : await findDawn()
  const own = { fetch: fileFetch, threads: nodeThreads, advice: { ...advice, ...found.advice } }
  const engine = createEngine({ ...own, ...options, gpu: found.gpu })
  const onDisk = async (given: LoadOptions): Promise<LoadOptions> =>
    given?.vocabulary === undefined ? given : { ...given, vocabulary: await bytesAt(given.vocabulary) }
  return {
    ...engine,
    loadModel: async (source: ModelSource, given: LoadOptions = {}): Promise<Model> =>
      engine.loadModel(await sourceAt(source), await onDisk(given)),
    downloadModel: async (source, given = {}) => engine.downloadModel(await sourceAt(source), await onDisk(given)),
  }
}

const advice = {
  missing: 'Node has no WebGPU of its own. Install Dawn with npm install webgpu.',
  noAdapter:
    'Dawn found no GPU: install a driver for Vulkan (Linux), Metal (macOS) or Direct3D 12 (Windows) that this process may use.',
}

let dawn: GPU | undefined // it must stay referenced, or the process dies

/** Dawn's WebGPU; where there is none, why. */
async function findDawn(): Promise<Pick<EngineOptions, 'gpu'> & { advice?: { missing: string } }> {
  try {
    dawn ??= (await import('webgpu')).create([])
    return { gpu: dawn }
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND'
    return { gpu: undefined, ...(!isMissing && { advice: { missing: `Dawn does not start here: ${String(error)}.` } }) }
  }
}
