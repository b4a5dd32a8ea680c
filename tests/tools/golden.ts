/** @file Reading a conformance set: small seeded models and what they must compute. The layout: tests/golden/FORMAT.md. */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The part of the set that this project carries. */
export const goldenFolder = fileURLToPath(new URL('../golden', import.meta.url))

/** The same of RWKV-7. */
export const goldenFolder7 = fileURLToPath(new URL('../golden7', import.meta.url))

/** The same of RWKV-5 and 6. */
export const goldenFolder56 = fileURLToPath(new URL('../golden56', import.meta.url))

/** Logits after `tokens` from the empty state. */
export interface LogitsCase {
  readonly tokens: readonly number[]
  /** Where to save the state and restore it, for `@restored`. */
  readonly split: number | null
  readonly logits: readonly number[]
  readonly argmax: number
  readonly atol: number
}

/** What a continuation is worth. */
export interface ScoreCase {
  readonly context: readonly number[]
  readonly target: readonly number[]
  readonly logprob: number
  readonly greedy: boolean
  readonly atol: number
}

/**
 * Rows of one layer's state: `x_att`, `x_ffn`, and of RWKV-4 `aa`, `bb`, `pp`, with `mean` = aa/bb and `logden` = log(bb) + pp;
 * of later versions `s`, a head's matrix after another: (key channel, value channel), of RWKV-7 the other way round.
 */
export type StateLayer = Readonly<Record<string, readonly number[]>>

/** Limits by row; `aa` is that of aa/bb, `pp` that of log(bb) + pp. */
export type StateLimits = Readonly<Record<string, number>>

/** What one model must compute. */
export interface Cases {
  readonly V: number
  readonly D: number
  readonly L: number
  readonly F: number
  /** Ids whose logits are given; null for all. */
  readonly logit_ids: readonly number[] | null
  readonly cases: Readonly<Record<string, LogitsCase>>
  readonly greedy?: { readonly prompt: readonly number[]; readonly tokens: readonly number[]; readonly safe: number }
  readonly state?: {
    readonly tokens: readonly number[]
    readonly layers: readonly StateLayer[]
    readonly atol: StateLimits
  }
  /** Logits after `tokens` from the tuned start state in `file`, beside the models. */
  readonly tuned?: Pick<LogitsCase, 'tokens' | 'logits' | 'atol'> & { readonly file: string }
  /** Summed log probability of `target` after `context`, and whether each of its ids is the most probable. */
  readonly score?: readonly ScoreCase[]
  /** At each step the `width` best of all continuations by summed logprob; the best first. */
  readonly beam?: {
    readonly prompt: readonly number[]
    readonly width: number
    readonly steps: number
    readonly beams: readonly (readonly number[])[]
  }
  readonly perplexity?: Readonly<Record<string, { tokens: readonly number[]; nll_mean: number; atol_nll_mean: number }>>
}

/** A whole set. */
export interface ConformanceSet {
  readonly folder: string
  /** MODEL.DTYPE -> what it must compute. */
  readonly cases: Readonly<Record<string, Cases>>
  /** File or folder under models/ -> the model it holds, and the case whose logits to give. */
  readonly containers: Readonly<Record<string, { readonly cases: string; readonly probe: string }>>
  /** File under models/ -> what must happen. */
  readonly bad: Readonly<Record<string, 'refuse' | 'refuse or warn'>>
  readonly world: WorldCases | undefined
  readonly bpe20b: BpeCases | undefined
}

/** The World tokenizer's part: needs the real vocabulary. */
export interface WorldCases {
  readonly encode: readonly { readonly text: string; readonly ids: readonly number[] }[]
  readonly decode: readonly { readonly ids: readonly number[]; readonly bytes_hex: string }[]
}

/** The GPT-NeoX tokenizer's part: needs its tokenizer.json. */
export interface BpeCases {
  readonly encode: readonly { readonly text: string; readonly ids: readonly number[]; readonly decoded_hex: string }[]
}

/** Read the set in `folder`. */
export async function readSet(folder: string): Promise<ConformanceSet> {
  const json = async (file: string) => JSON.parse(await readFile(join(folder, file), 'utf8'))
  const index = await json('index.json')
  const cases: Record<string, Cases> = {}
  for (const [name, file] of Object.entries<string>(index.cases)) cases[name] = await json(file)
  const [world, bpe20b] = await Promise.all(
    ['tokenizer-world.json', 'tokenizer-20b.json'].map((file) => json(file).catch(() => undefined)),
  )
  return { folder, cases, containers: index.containers ?? {}, bad: index.bad ?? {}, world, bpe20b }
}

/** The container that holds a model's own file, such as `plain64.f32.safetensors` for `plain64.F32`. */
export function fileOf(set: ConformanceSet, model: string): string {
  const files = Object.keys(set.containers).filter((file) => set.containers[file].cases === model)
  const found = files.find((file) => file.endsWith('.safetensors')) ?? files[0]
  if (found === undefined) throw new Error(`the set has no file for ${model}`)
  return set.containers[found] && !/\.\w+$/.test(found) ? `${found}/model.safetensors` : found
}
