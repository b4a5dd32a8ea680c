/** @file Formats of weights that the self-test is tried with, and what the embedding is stored in beside quantised ones. */

export const testedCodecs = [
  ['f32', undefined],
  ['f16', undefined],
  ['bf16', undefined],
  ['q8', 'F16'],
  ['q4', 'BF16'],
] as const
