/**
 * @file The Prompt API's shape over a model of rwkv.js: a thin adapter for pages that are written for a browser's own
 * model. Where the draft names an exception, it is a `DOMException` or `TypeError`; anything else is an `RwkvError`. The
 * draft has no place for thoughts, so no model thinks here.
 *
 * @module rwkv.js/prompt-api
 */

import type { LoadOptions, Model } from '../core/protocol.ts'
import { readInput, readSampling, unmet } from './prompt-api/input.ts'
import { PromptSession } from './prompt-api/session.ts'
import type {
  Availability,
  CreateCoreOptions,
  CreateOptions,
  LanguageModelParams,
  LanguageModelShape,
} from './prompt-api/types.ts'
import { countIds, openSession, readingsOf } from './shapes/turns.ts'

export type * from './prompt-api/types.ts'

const MOST_IDS = 65_536 // of the largest vocabulary
/** As `sample/options.ts` has them, which belongs to the engine: what models are drawn with that propose nothing. */
const UNKNOWN = { topK: 0, temperature: 1 }
const MOST_TEMPERATURE = 10

/** Loads the model when it is first wanted. */
export type Load = (options: Pick<LoadOptions, 'signal' | 'onProgress'>) => Promise<Model>

/**
 * What takes the place of the global `LanguageModel`. Sessions are destroyed by the caller; the model stays whoever's it
 * was, one that `source` loaded lives as long as the page.
 * @param source a model, or how to load it with the first `create`
 *
 * @example
 * ```ts
 * import { loadModel } from 'rwkv.js'
 * import { createLanguageModel } from 'rwkv.js/prompt-api'
 *
 * const LanguageModel = createLanguageModel((options) => loadModel('/models/storyteller/', options))
 * const session = await LanguageModel.create()
 * console.log(session.contextWindow) // → Infinity
 * session.destroy()
 * ```
 */
export function createLanguageModel(source: Model | Load): LanguageModelShape {
  const load = typeof source === 'function' ? source : undefined
  let model = typeof source === 'function' ? undefined : source
  let loading: Promise<Model> | undefined

  async function begin(load: Load, { signal, monitor }: CreateOptions): Promise<Model> {
    const target = new EventTarget()
    monitor?.(target)
    const report = (loaded: number) =>
      target.dispatchEvent(Object.assign(new Event('downloadprogress'), { loaded, total: 1, lengthComputable: true }))
    report(0)
    loading ??= load({
      ...(signal && { signal }),
      onProgress: ({ phase, loaded, total }) => {
        if (phase === 'weights' && total > 0 && loaded < total) report(loaded / total)
      },
    })
    try {
      model = await loading
    } finally {
      loading = undefined
    }
    report(1)
    return model
  }

  return {
    async availability(options: CreateCoreOptions = {}): Promise<Availability> {
      if (unmet(options)) return 'unavailable'
      return model ? 'available' : loading ? 'downloading' : 'downloadable'
    },
    async params(): Promise<LanguageModelParams> {
      const { topK, temperature } = model?.info.sampling ?? UNKNOWN
      return {
        defaultTopK: topK === 0 ? MOST_IDS : topK,
        maxTopK: MOST_IDS,
        defaultTemperature: temperature,
        maxTemperature: MOST_TEMPERATURE,
      }
    },
    async create(options: CreateOptions = {}) {
      const { signal, initialPrompts = [] } = options
      signal?.throwIfAborted()
      const reason = unmet(options)
      if (reason) throw new DOMException(reason, 'NotSupportedError')
      const { turns, prefix } =
        !Array.isArray(initialPrompts) || initialPrompts.length > 0
          ? readInput(initialPrompts, false)
          : { turns: [], prefix: undefined }
      if (prefix !== undefined) throw new DOMException('Initial prompts end with no prefix.', 'SyntaxError')
      const loaded = model ?? (await begin(load as Load, options))
      const sampling = readSampling(options, loaded.info.sampling)
      const session = await openSession(loaded, { turns, sampling, think: false, leadsOn: false, signal })
      return new PromptSession({
        model: loaded,
        session,
        temperature: sampling.temperature ?? loaded.info.sampling.temperature,
        topK: sampling.topK ?? loaded.info.sampling.topK,
        usage: await countIds(loaded, readingsOf(loaded.info.promptFormat, turns, false)),
        hasBegun: turns.length > 0,
      })
    },
  }
}
