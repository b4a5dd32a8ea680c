/** @file The page of `files.e2e.ts`: loads a model in the shipped worker and says what came of it. */

import type { LoadOptions, LoadProgress } from '../../src/core/protocol.ts'
import { loadModel, removeStoredModel, storedModels } from '../../src/index.ts'
import { q4KM, seededGguf } from '../tools/seeded-gguf.ts'

/** What a load came to. */
export interface Outcome {
  readonly error?: { readonly code: string; readonly message: string }
  /** The first logits after token 1. */
  readonly logits?: number[]
  readonly warnings?: readonly string[]
  readonly weights?: string
  readonly phases: string[]
  readonly fromStore: boolean
  readonly loadMs: number
  /** From the first report of the weights to the last of them. */
  readonly weightsMs: number
  readonly last: LoadProgress | undefined
}

async function load(source: string | null, options: LoadOptions = {}): Promise<Outcome> {
  const input = document.querySelector('input')
  return loadGiven(source ?? Array.from(input?.files ?? []), options)
}

/** A made-up model of RWKV-7 whose matrices are of a type of GGUF. */
async function loadGguf(type: string, options: LoadOptions = {}): Promise<Outcome> {
  const ranks = { v: 32, w: 64, a: 64, g: 128 }
  const config = { version: 7, L: 2, C: 256, F: 512, V: 300, headSize: 64, ranks } as const
  const bytes = await seededGguf(config, type === 'Q4_K_M' ? q4KM : () => type)
  return loadGiven([new File([bytes], `rwkv7-g1-${type}.gguf`)], options)
}

async function loadGiven(given: string | File[], options: LoadOptions): Promise<Outcome> {
  const phases = new Set<string>()
  let last: LoadProgress | undefined
  const start = performance.now()
  let weightsFrom = 0
  let weightsMs = 0
  const onProgress = (progress: LoadProgress) => {
    if (progress.phase === 'weights' && !phases.has('weights')) weightsFrom = performance.now()
    if (progress.phase === 'compile') weightsMs = performance.now() - weightsFrom
    last = progress
    phases.add(progress.phase)
    document.title = `${progress.phase} ${progress.loaded}`
  }
  const common = () => ({
    phases: [...phases],
    fromStore: last?.fromStore ?? false,
    loadMs: performance.now() - start,
    weightsMs,
    last,
  })
  try {
    const model = await loadModel(given, { device: 'webgpu', ...options, onProgress })
    const outcome = common()
    const state = await model.createState()
    await state.feed([1])
    const logits = Array.from((await state.logits()).subarray(0, 8))
    const { warnings, weights } = model.info
    await model.dispose()
    return { ...outcome, logits, warnings, weights }
  } catch (error) {
    const { code, message } = error as { code: string; message: string }
    return { ...common(), error: { code, message } }
  }
}

/** Read a stored file as it lies, chunk by chunk, handing each to the GPU: what opening a model cannot be faster than. */
async function plainRead(): Promise<number> {
  const source = `onmessage = async ({ data: byteLength }) => {
    const root = await (await navigator.storage.getDirectory()).getDirectoryHandle('rwkv')
    const device = await (await navigator.gpu.requestAdapter()).requestDevice()
    let name
    for await (const [key, folder] of root) {
      const file = await folder.getFileHandle('data').catch(() => undefined)
      if (file && (await file.getFile()).size === byteLength) name = key
    }
    const handle = await (await (await root.getDirectoryHandle(name)).getFileHandle('data')).createSyncAccessHandle()
    const start = performance.now()
    const chunk = 4 << 20
    const buffers = []
    for (let at = 0; at < byteLength; at += chunk) {
      const bytes = new Uint8Array(Math.min(chunk, byteLength - at))
      handle.read(bytes, { at })
      if (at % (128 << 20) === 0) buffers.push(device.createBuffer({ size: 128 << 20, usage: 0x88 }))
      device.queue.writeBuffer(buffers.at(-1), at % (128 << 20), bytes, 0, bytes.length & ~3)
    }
    await device.queue.onSubmittedWorkDone()
    postMessage(performance.now() - start)
    handle.close()
  }`
  const worker = new Worker(URL.createObjectURL(new Blob([source])))
  const file = (await storedModels()).flatMap(({ files }) => files).find(({ name }) => name.endsWith('.pth'))
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data)
    worker.onerror = ({ message }) => reject(new Error(message))
    worker.postMessage(file?.byteLength)
  })
}

Object.assign(globalThis, { load, loadGguf, plainRead, storedModels, removeStoredModel })
document.title = 'ready'
