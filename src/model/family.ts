/**
 * @file What is known of weights that came without a description. The families of a version were taught to chat in
 * different ways, and nothing inside their files says which: only names do, and the size of the vocabulary. Decided here,
 * whatever the source.
 */

import { plainFormat } from '../text/prompt-format.ts'
import type { ModelDescription } from './description.ts'
import { tokenizerOfSize } from './tokenizer.ts'
import type { Family } from './version.ts'

/** What `describeWeights` takes. */
export interface WeightsWithoutDescription {
  /** Name of the weights, or of what stands for them where all models call them the same. */
  readonly file: string
  /** Address or name of the place they lie in, its parts divided by `/`. */
  readonly folder: string
  readonly V: number
  /** Of the model's version. */
  readonly families: readonly Family[]
}

/**
 * Describe weights by their own name, else by those of the folders and the repository around them, the nearest first. A
 * family of another tokenizer than V ids need is not believed. Where no name says anything, V alone decides, and a warning
 * says that it is a guess.
 */
export function describeWeights({ file, folder, V, families }: WeightsWithoutDescription): {
  readonly description: ModelDescription
  readonly warnings: readonly string[]
} {
  const tokenizer = tokenizerOfSize(V)
  const possible = families.filter((family) => tokenizer === undefined || family.tokenizer === tokenizer)
  const places = [
    file,
    ...folder
      .replace(/^\w+:(\/\/[^/]*)?/, '')
      .split('/')
      .reverse(),
  ]
  const named = places.flatMap((place) => possible.filter(({ pattern }) => pattern.test(place)))[0]
  const guess = tokenizer && possible.find(({ isLikely }) => isLikely)
  const { promptFormat = plainFormat, sampling = {} } = named ?? guess ?? {}
  return {
    description: {
      name: file.replace(/\.(safetensors|st|pth|gguf|bin|pt|ckpt)$/i, ''),
      weights: [file],
      eosTokenId: 0,
      promptFormat,
      sampling,
      license: 'unknown',
    },
    warnings: named ? [] : [sayGuess(file, V, guess)],
  }
}

function sayGuess(file: string, V: number, guess: Family | undefined): string {
  const format = guess
    ? `its ${V} token ids are those of ${guess.name} models, so it is spoken to as one of them`
    : 'it is taken for one that only continues text, without roles'
  return `No name around ${file} says how this model was taught to chat: ${format}. If its replies look wrong, give createSession another promptFormat.`
}
