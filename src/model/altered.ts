/**
 * @file What was done to a model after its training so that its tensors are no longer the model by themselves: refused by
 * what it is, since the file is sound otherwise, or would open as another model than it is.
 */

import { RwkvError } from '../core/errors.ts'
import type { UnreadableTensor } from '../file/checkpoint.ts'

/** What PEFT calls the weights of an adapter. */
const ADAPTER_FILE = /^adapter_model\.(safetensors|bin)$/

/** As PEFT and the LoRA trainers of RWKV name them, and as web-rwkv's converter does. */
const ADAPTER = /(?:^|\.)(?:lora_(?:embedding_)?[AB]|lora_magnitude_vector|bone|disha)(?:\.|$)|\.lora\.[01]$/

/**
 * Refuse a folder that holds an adapter: whoever opens it wants more than the weights that may lie beside.
 * @throws RwkvError `model/unmerged`
 */
export function refuseAdapterBeside(files: readonly string[], folder: string): void {
  const adapter = files.find((name) => ADAPTER_FILE.test(name))
  if (adapter === undefined) return
  throw new RwkvError(
    'model/unmerged',
    `${folder} holds ${adapter}, an adapter that is not merged into the weights. Merge it (in Python: PeftModel.merge_and_unload) and save the whole model; or give the address of the weights alone, to have the model before its fine-tuning.`,
  )
}

/**
 * Refuse adapters that were not merged into the matrices they belong to, and models that ChatRWKV has converted for one of
 * its strategies.
 * @param tensors by official names, readable or not
 * @throws RwkvError `model/unmerged`, `file/unsupported`
 */
export function refuseAltered(file: string, tensors: ReadonlyMap<string, UnreadableTensor>): void {
  for (const name of tensors.keys()) {
    if (!ADAPTER.test(name)) continue
    throw new RwkvError(
      'model/unmerged',
      `${file} holds ${name.slice(0, 80)}, part of a LoRA or another adapter that is not merged into the weights: without it this would be the model before its fine-tuning. Merge it first (for LoRA: weight + lora_B · lora_A · alpha / rank) and save the whole model.`,
    )
  }
  const [V, C] = tensors.get('emb.weight')?.shape ?? []
  const [rows, columns] = tensors.get('head.weight')?.shape ?? []
  if (V === C || rows !== C || columns !== V) return
  throw new RwkvError(
    'file/unsupported',
    `${file} has the matrices of its model transposed (head.weight is ${rows} × ${columns}), as ChatRWKV converts them for a strategy; expected them as they were trained. Take the file it was converted from.`,
  )
}
