/** @file The tensors of every version that is run, for the page, which may not load their shaders. */

import type { ModelConfig } from '../core/protocol.ts'
import type { TensorSpec } from '../core/tensor-spec.ts'
import { tensors as rwkv4 } from './v4/tensors.ts'
import { tensors as rwkv5 } from './v5/tensors.ts'
import { tensors as rwkv6 } from './v6/tensors.ts'
import { tensors as rwkv7 } from './v7/tensors.ts'

const lists = { 4: rwkv4, 5: rwkv5, 6: rwkv6, 7: rwkv7 } satisfies Record<
  ModelConfig['version'],
  (config: ModelConfig) => Iterable<TensorSpec>
>

/** Every tensor of a model of these sizes, by its official name, in the order in which a token meets them. */
export const tensorsOf = (config: ModelConfig): Iterable<TensorSpec> => lists[config.version](config)
