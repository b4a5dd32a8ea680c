/**
 * @file Tuned start states ("state tuning"): a file with one tensor a layer, the matrices that the state of each head is to
 * hold before the first token. Shifts start as they always do.
 */

import { RwkvError } from '../core/errors.ts'
import type { ModelConfig, StateRows } from '../core/protocol.ts'
import type { Checkpoint } from '../file/checkpoint.ts'
import { decodeFloats } from '../file/tensor.ts'
import { officialTensors } from './names.ts'
import type { TunedNames } from './version.ts'

/** The model that a start state is for. */
export interface StartStateOf {
  readonly name: string
  readonly config: ModelConfig
  /** Rows of each layer, in their order. */
  readonly state: readonly StateRows[]
  readonly tuned: TunedNames | undefined
}

/**
 * Read a start state. Official files have the axes (head, value, key), those of web-rwkv's converter, safetensors in F16,
 * (head, key, value), as states lie here.
 * @param initial f32 (L, R, C): the state of a model before any token; not changed
 * @returns f32 (L, R, C)
 * @throws RwkvError `session/initial-state` for what is none, or one of another model; `file/…`
 */
export async function readStartState(
  checkpoint: Checkpoint,
  { name, config, state: rows, tuned }: StartStateOf,
  initial: Float32Array<ArrayBuffer>,
): Promise<Float32Array<ArrayBuffer>> {
  const { file } = checkpoint
  const refuse = (found: string) => new RwkvError('session/initial-state', `${file} ${found}`)
  const { L, C } = config
  const at = rows.findIndex((row) => row.name === tuned?.row)
  const N = rows[at]?.count
  if (!tuned || N === undefined)
    throw refuse(`cannot be the start state of ${name}: RWKV-${config.version} models are not tuned by their state.`)
  const H = C / N
  const { readable, all } = officialTensors(checkpoint)
  const layers = [...all].filter(
    ([official]) => official.startsWith('blocks.') && official.endsWith(`.${tuned.tensor}`),
  )
  const [[, first] = []] = layers
  if (!first)
    throw refuse(
      `is no start state: it has no blocks.0.${tuned.tensor} but ${[...all.keys()].slice(0, 3).join(', ') || 'no tensors'}. Take the file that state tuning wrote.`,
    )
  const expected = [H, N, N].join(', ')
  const shapeOf = ({ shape }: { readonly shape: readonly number[] }) =>
    (shape.length === 4 && shape[0] === 1 ? shape.slice(1) : shape).join(', ')
  const start = initial.slice()
  const before = rows.slice(0, at).reduce((sum, { count }) => sum + count, 0) * C
  for (let layer = 0; layer < L; layer++) {
    const entry = readable.get(`blocks.${layer}.${tuned.tensor}`)
    if (layers.length !== L || !entry || shapeOf(entry) !== expected)
      throw refuse(
        `is a start state of ${layers.length} layers of ${first.dtype} (${shapeOf(entry ?? first)}); ${name} has ${L} layers of (${expected}). It belongs to the model it was tuned on.`,
      )
    const values = decodeFloats(await checkpoint.read(entry, 0, entry.byteLength), entry.dtype)
    if (!values.every(Number.isFinite))
      throw refuse(`holds NaN or infinite values in ${entry.name}: its tuning failed, or it is damaged.`)
    const isKeyFirst = checkpoint.format === 'safetensors' && entry.dtype === 'F16'
    start.set(isKeyFirst ? values : headsTurned(values, N), (layer * start.length) / L + before)
  }
  return start
}

/** Matrices of N × N, one after another, each transposed. */
function headsTurned(values: Float32Array, N: number): Float32Array {
  const turned = new Float32Array(values.length)
  for (let head = 0; head < values.length; head += N * N)
    for (let i = 0; i < N; i++)
      for (let j = 0; j < N; j++) turned[head + j * N + i] = values[head + i * N + j] as number
  return turned
}
