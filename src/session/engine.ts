/**
 * @file The engine: from the address of a model to a model that answers. It owns the GPU device; the worker holds one,
 * node tools make their own.
 */

import { createOwner } from '../core/dispose.ts'
import { isRwkvError, RwkvError } from '../core/errors.ts'
import type { LoadOptions, LoadProgress, Model, ModelInfo, WeightFormat } from '../core/protocol.ts'
import { createTurns } from '../core/turns.ts'
import { type ByteSource, fetchText, openUrl, withReadAhead } from '../file/byte-source.ts'
import { openCheckpoint } from '../file/checkpoint.ts'
import { createForwardV4, type Forward } from '../forward/forward-v4.ts'
import { selfTestV4 } from '../forward/self-test-v4.ts'
import { createStatePool } from '../forward/state-pool.ts'
import { initialStateV4 } from '../forward/state-v4.ts'
import { loadWeightsV4 } from '../forward/weights-v4.ts'
import { createGpu, type Gpu } from '../gpu/device.ts'
import { createKernelCache, type KernelCache } from '../gpu/dispatch-list.ts'
import { gpuPreset, type Preset, softwarePreset } from '../kernels/preset.ts'
import { inferConfig } from '../model/config.ts'
import { type ModelDescription, parseDescription } from '../model/description.ts'
import { resolveSampling } from '../sample/options.ts'
import { plainFormat } from '../text/prompt-format.ts'
import type { Tokenizer } from '../text/tokenizer.ts'
import { createWorldTokenizer, parseWorldVocabulary } from '../text/world-tokenizer.ts'
import { createModel } from './model.ts'

/** What an engine needs from where it runs. */
export interface EngineOptions {
  /** `navigator.gpu`, or Dawn's in node. */
  readonly gpu: GPU | undefined
  /** Default: the global `fetch`. */
  readonly fetch?: typeof fetch
  /** How kernels share their work; default by the adapter: `software` on fallback adapters, else `gpu`. */
  readonly preset?: Preset['name']
}

/** Loads models. Disposing it releases the device and everything made from it. */
export interface Engine {
  /**
   * Load the model of a folder with a `model.json` (a URL ending in `/`), or bare weights (the URL of a file).
   * @throws RwkvError `file/…`, `model/…`, `text/vocabulary`, `gpu/…`; nothing stays allocated.
   */
  loadModel(url: string, options?: LoadOptions): Promise<Model>
  dispose(): Promise<void>
}

const FIRST_SLOTS = 4 // states a model starts with room for
const HEAD_PADDING = 256 // ids of a head that may lie beyond its vocabulary, such as 65530 … 65535 of World models

/** An engine over `gpu`; the device is opened with the first model, and again after it was lost. */
export function createEngine({ gpu: entry, fetch = globalThis.fetch, preset: name }: EngineOptions): Engine {
  let device: Device | undefined

  async function openDevice(): Promise<Device> {
    if (device && !isLost(device.gpu)) return device
    const gpu = await createGpu(entry)
    const preset = (name ?? (gpu.adapter.isFallback ? 'software' : 'gpu')) === 'gpu' ? gpuPreset : softwarePreset
    device = { gpu, preset, kernels: createKernelCache(gpu), tested: new Map() }
    return device
  }

  return {
    async loadModel(url, options = {}) {
      const on = await openDevice()
      const { headers, signal } = options
      const request = { fetch, headers, signal }
      const { description, weightsUrl, tokenizer } = await openDescription(url, request)
      report(options, { phase: 'open', file: weightsUrl, loaded: 0, total: 0 })
      const source = withReadAhead(await openUrl({ ...request, url: weightsUrl }))
      return load(on, { description, tokenizer, source, options })
    },
    async dispose() {
      device?.gpu.dispose()
      device = undefined
    },
  }
}

/** An open device and what is known of it; models loaded on it share its kernels. */
interface Device {
  readonly gpu: Gpu
  readonly preset: Preset
  readonly kernels: KernelCache
  /** Whether the kernels for a codec compute what they should here. */
  readonly tested: Map<WeightFormat, boolean>
}

function isLost(gpu: Gpu): boolean {
  try {
    gpu.check()
    return false
  } catch {
    return true
  }
}

const report = ({ onProgress }: LoadOptions, progress: LoadProgress) => onProgress?.(progress)

type Request = Omit<Parameters<typeof fetchText>[0], 'url'>

/** What a model is called, where its weights are, and its tokenizer. */
async function openDescription(
  url: string,
  request: Request,
): Promise<{ description: ModelDescription; weightsUrl: string; tokenizer: Tokenizer | undefined }> {
  const path = new URL(url, 'file:///').pathname
  if (!path.endsWith('/')) {
    const file = decodeURIComponent(path.split('/').at(-1) ?? path)
    return { description: bareWeights(file), weightsUrl: url, tokenizer: undefined }
  }
  const descriptionUrl = `${url}model.json`
  const description = parseDescription(
    parseJson(await fetchText({ ...request, url: descriptionUrl }), descriptionUrl),
    descriptionUrl,
  )
  const { weights, vocabulary } = description
  if (weights.length !== 1) {
    throw new RwkvError(
      'file/unsupported',
      `${descriptionUrl} lists ${weights.length} weight files; one is supported so far. Join the shards into one .safetensors file.`,
    )
  }
  if (vocabulary?.kind !== 'world') {
    throw new RwkvError(
      'file/unsupported',
      `${descriptionUrl} names a vocabulary of kind "${vocabulary?.kind}"; "world" is supported so far.`,
    )
  }
  const vocabularyUrl = `${url}${vocabulary.file}`
  const tokenizer = createWorldTokenizer(
    parseWorldVocabulary(await fetchText({ ...request, url: vocabularyUrl }), vocabularyUrl),
  )
  return { description, weightsUrl: `${url}${weights[0]}`, tokenizer }
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new RwkvError('model/description', `${file} is not JSON: ${String(cause)}. Expected a model description.`, {
      cause,
    })
  }
}

/** The description of weights that came without one: usable through `createState`. */
function bareWeights(file: string): ModelDescription {
  return {
    name: file.replace(/\.[^.]+$/, ''),
    weights: [file],
    eosTokenId: 0,
    promptFormat: plainFormat,
    sampling: {},
    license: 'unknown',
  }
}

interface Loading {
  readonly description: ModelDescription
  readonly tokenizer: Tokenizer | undefined
  readonly source: ByteSource
  readonly options: LoadOptions
}

async function load(device: Device, loading: Loading): Promise<Model> {
  const { gpu, preset, kernels } = device
  const { description, tokenizer, source, options } = loading
  const checkpoint = await openCheckpoint(source)
  const { config, tensors } = inferConfig(checkpoint)
  if (tokenizer && (tokenizer.size > config.V || config.V - tokenizer.size >= HEAD_PADDING)) {
    throw new RwkvError(
      'model/vocabulary-mismatch',
      `${source.name} has ${config.V} token ids, its vocabulary ${tokenizer.size}: they do not belong together. Take the vocabulary that came with the weights.`,
    )
  }

  const owner = createOwner()
  try {
    const total = [...tensors.values()].reduce((sum, { byteLength }) => sum + byteLength, 0)
    let most = 0 // weights read a second time do not count twice
    const progress = (phase: LoadProgress['phase'], loaded: number) => {
      most = Math.max(most, loaded)
      report(options, { phase, file: source.name, loaded: most, total })
    }
    const fill = (codec: WeightFormat) =>
      loadWeightsV4(gpu, {
        config,
        codec,
        checkpoint,
        tensors,
        signal: options.signal,
        onProgress: (loaded) => progress('weights', loaded),
      })

    const before = gpu.counters.gpuByteLength
    const warnings: string[] = []
    let codec = await trusted(device, chooseFormat(options.weights, tensors.get('head.weight')?.dtype), warnings)
    const weights = await fill(codec).catch((error: unknown) => {
      if (options.weights === 'f16' || !isRwkvError(error, 'model/f16-range')) throw error
      codec = 'f32' // a bf16 value that f16 cannot hold
      return fill(codec)
    })
    owner.own(weights)
    const weightByteLength = gpu.counters.gpuByteLength - before

    progress('compile', total)
    const turns = createTurns()
    let forward: Forward | undefined
    const pool = owner.own(
      createStatePool(gpu, {
        initial: initialStateV4(config),
        slots: FIRST_SLOTS,
        turns,
        onGrow: async () => forward?.rebind(),
      }),
    )
    forward = owner.own(
      await gpu.scoped('the forward pass', () =>
        createForwardV4(gpu, { config, weights, pool, preset, turns, kernels }),
      ),
    )
    const info: ModelInfo = {
      name: description.name,
      config,
      license: description.license,
      fingerprint: weights.fingerprint,
      weights: codec,
      weightByteLength,
      stateByteLength: pool.stateByteLength,
      adapter: gpu.adapter,
      warnings,
      promptFormat: description.promptFormat,
      sampling: resolveSampling(description.sampling),
    }
    progress('ready', total)
    return createModel({ gpu, info, description, pool, forward, timeDecay: weights.timeDecay, tokenizer, owner })
  } catch (error) {
    owner.dispose()
    throw error
  }
}

/**
 * `wanted`, if its kernels compute what they should on this GPU; else f32, with a warning.
 * @throws RwkvError `gpu/wrong-results` if f32 is wrong too.
 */
async function trusted(device: Device, wanted: WeightFormat, warnings: string[]): Promise<WeightFormat> {
  const { gpu, preset, kernels, tested } = device
  const isRight =
    tested.get(wanted) ?? (await gpu.scoped('the self-test', () => selfTestV4(gpu, { codec: wanted, preset, kernels })))
  tested.set(wanted, isRight)
  if (isRight) return wanted
  const { vendor, architecture } = gpu.adapter
  const found = `This GPU (${[vendor, architecture].filter(Boolean).join(' ') || 'unnamed'}) computes wrong results with ${wanted} weights`
  if (wanted === 'f32') {
    throw new RwkvError(
      'gpu/wrong-results',
      `${found}, so a model would only say nonsense. Update the graphics driver.`,
    )
  }
  warnings.push(`${found}; f32 is used instead, which takes twice the memory.`)
  return trusted(device, 'f32', warnings)
}

/** `auto` keeps what the file has: 16-bit files as f16, f32 files as f32. */
function chooseFormat(wanted: LoadOptions['weights'] = 'auto', dtype: string | undefined): WeightFormat {
  if (wanted === 'f32' || wanted === 'f16') return wanted
  if (wanted !== 'auto')
    throw new RwkvError('option/invalid', `weights is ${String(wanted)}; expected 'auto', 'f32' or 'f16'.`)
  return dtype === 'F32' ? 'f32' : 'f16'
}
