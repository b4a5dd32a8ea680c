/**
 * @file Which RWKV a checkpoint is, by the names of its tensors: so that a version we cannot run yet is refused by its
 * name, and a file put together from two of them is noticed.
 */

import { RwkvError } from '../core/errors.ts'

/** Tensors that only this version has; official names. */
const MARKERS: readonly (readonly [version: string, pattern: RegExp])[] = [
  ['RWKV-7', /^blocks\.\d+\.att\.(r_k|k_k|k_a|[wav][012]|x_[rwkvag])$/],
  ['RWKV-6', /^blocks\.\d+\.(att|ffn)\.time_maa_/],
  ['RWKV-5', /^blocks\.\d+\.att\.(time_mix_g|time_faaaa|gate\.weight|ln_x\.weight)$/],
  ['RWKV-4a or 4b', /(^|\.)tiny_|\.time_mix_qq$|^head_[qk]\.|^copy_mask$|\.att\.(qq|kk|vv)\.weight$/],
]

/** What RWKV-5 introduced and later versions kept: says nothing beside the marker of a later one in the same block. */
const SHARED = /\.att\.(time_faaaa|gate\.weight|ln_x\.weight)$/

/** What the check looks at. */
export interface CheckVersion {
  readonly file: string
  /** Official name -> shape; of every tensor, readable or not. */
  readonly shapes: ReadonlyMap<string, readonly number[]>
}

/**
 * Refuse every version but RWKV-4.
 * @throws RwkvError `model/unsupported-version` naming the version and a tensor that shows it, `model/mixed-versions`.
 */
export function checkVersion({ file, shapes }: CheckVersion): void {
  const evidence = new Map<string, string>()
  const shared: string[] = []
  const C = shapes.get('emb.weight')?.[1]
  for (const [name, shape] of shapes) {
    if (SHARED.test(name)) shared.push(name)
    else {
      const version = MARKERS.find(([, pattern]) => pattern.test(name))?.[0] ?? markOfV4(name, shape, C)
      if (version && !evidence.has(version)) evidence.set(version, name)
    }
  }
  const [sharedName] = shared
  const isLater = evidence.has('RWKV-6') || evidence.has('RWKV-7')
  if (sharedName && !isLater && !evidence.has('RWKV-5')) evidence.set('RWKV-5', sharedName)
  if (evidence.has('RWKV-4a or 4b')) evidence.delete('RWKV-4') // they are RWKV-4 with something added

  const [[version, name] = [], second] = evidence
  if (second) {
    throw new RwkvError(
      'model/mixed-versions',
      `${file} has tensors of ${version} (${name}) and of ${second[0]} (${second[1]}); expected one version. Take the model from its source again.`,
    )
  }
  if (version && version !== 'RWKV-4') {
    throw new RwkvError(
      'model/unsupported-version',
      `${file} is ${version} (it has ${name}); expected RWKV-4, the version this release runs. Take an RWKV-4 model.`,
    )
  }
}

/** RWKV-4 has a time_first per channel; early RWKV-5 has one of that name per head. */
function markOfV4(name: string, shape: readonly number[], C: number | undefined): string | undefined {
  const isTimeFirst = /^blocks\.\d+\.att\.time_first$/.test(name)
  return isTimeFirst && shape.reduce((product, size) => product * size, 1) === C ? 'RWKV-4' : undefined
}
