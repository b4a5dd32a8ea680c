/**
 * @file jax-js on WebGPU as a contestant: a layer is one jitted function, called for each; its state stays on the GPU. The
 * embedding's row is looked up on the CPU, which spares it a gather.
 */

import type { ModelConfig } from '../../../src/core/protocol.ts'
import { type Checkpoint, readTensor } from '../../../src/file/checkpoint.ts'
import { tensorsOf } from '../../../src/rwkv/tensors.ts'
import type { Context, Opened } from '../entrants.ts'
import { checkIds } from '../ours.ts'
import { idOfStep } from '../workload.ts'

/** An array of jax-js. Whoever is given one owns it: `ref` is one more to give away. */
interface Tensor {
  readonly ref: Tensor
  add(other: Tensor | number): Tensor
  sub(other: Tensor): Tensor
  mul(other: Tensor): Tensor
  div(other: Tensor): Tensor
  mean(): Tensor
  reshape(shape: readonly number[]): Tensor
  data(): Promise<Float32Array>
  dispose(): void
}

type Tensors = { [name: string]: Tensor }

/** What is used of the package. */
interface Jax {
  init(device: string): Promise<readonly string[]>
  defaultDevice(device: string): void
  jit<F>(work: F): F
  readonly numpy: {
    array(values: Float32Array): Tensor
    dot(matrix: Tensor, x: Tensor): Tensor
    exp(x: Tensor): Tensor
    sqrt(x: Tensor): Tensor
    maximum(a: Tensor, b: Tensor): Tensor
  }
  readonly nn: { relu(x: Tensor): Tensor; sigmoid(x: Tensor): Tensor }
}

const LN0 = 'blocks.0.ln0.' // belongs to no layer

/** Put the weights on the GPU, and feed it what is compared. */
export async function openJax(name: string, { workload, model, packages }: Context): Promise<Opened> {
  const jax: Jax = await import(/* @vite-ignore */ `${packages}@jax-js/jax/dist/index.js`)
  const devices = await jax.init('webgpu')
  if (!devices.includes('webgpu')) throw new Error(`jax-js has ${devices.join(', ')}; expected webgpu`)
  jax.defaultDevice('webgpu')
  const { config } = model.info
  const { L, C, V } = config
  const { embedding, weights } = await readWeights(jax, config, await workload.checkpoint())
  const { first, layer, last } = functionsOf(jax)
  const part = (start: string): Tensors =>
    Object.fromEntries(
      Object.entries(weights).flatMap(([name, tensor]) =>
        name.startsWith(start) && (start === LN0 || !name.startsWith(LN0))
          ? [[name.slice(start.length), tensor.ref]]
          : [],
      ),
    )
  const zeros = () => jax.numpy.array(new Float32Array(C))
  const states: Tensors[] = Array.from({ length: L }, () => ({
    attX: zeros(),
    ffnX: zeros(),
    aa: zeros(),
    bb: zeros(),
    pp: jax.numpy.array(new Float32Array(C).fill(-1e30)),
  }))

  async function step(id: number): Promise<Float32Array> {
    let x = first(jax.numpy.array(embedding.slice(id * C, (id + 1) * C)), part(LN0))
    for (const [i, state] of states.entries()) {
      const [y, next] = layer(x, state, part(`blocks.${i}.`))
      x = y
      states[i] = next
    }
    return last(x, { ...part('ln_out.'), head: (weights['head.weight'] as Tensor).ref }).data()
  }

  let logits = new Float32Array()
  for (const id of checkIds(model)) logits = new Float32Array(await step(id))
  let steps = 0
  return {
    contestant: { name, unit: 'token', units: 1, run: () => step(idOfStep(steps++, V)) },
    logits,
    async dispose() {
      for (const tensor of [...states.flatMap(Object.values), ...Object.values(weights)]) tensor.dispose()
    },
  }
}

/** All tensors but the embedding on the GPU; the decay as w = -exp(time_decay). */
async function readWeights({ numpy }: Jax, config: ModelConfig, checkpoint: Checkpoint) {
  const weights: Tensors = {}
  let embedding = new Float32Array()
  for (const { name, shape } of tensorsOf(config)) {
    const values = await readTensor(checkpoint, name)
    if (name === 'emb.weight') embedding = values
    else if (name.endsWith('time_decay')) weights[name] = numpy.array(values.map((raw) => -Math.exp(raw)))
    else weights[name] = numpy.array(values).reshape(shape)
  }
  return { embedding, weights }
}

/** The step in three functions. Each owns what it is given, so the last use of a tensor gives it away. */
function functionsOf({ jit, numpy: { dot, exp, sqrt, maximum }, nn: { relu, sigmoid } }: Jax) {
  const norm = (x: Tensor, weight: Tensor, bias: Tensor): Tensor => {
    const d = x.ref.sub(x.mean())
    const variance = d.ref.mul(d.ref).mean()
    return d
      .div(sqrt(variance.add(1e-5)))
      .mul(weight)
      .add(bias)
  }
  const mix = (a: Tensor, before: Tensor, weight: Tensor) => before.ref.add(weight.mul(a.sub(before)))

  const timeMix = (x: Tensor, state: Tensors, w: Tensors): [Tensor, Tensors] => {
    const { attX, aa, bb, pp } = state as Record<'attX' | 'aa' | 'bb' | 'pp', Tensor>
    const weight = (name: string) => w[name] as Tensor
    const a = norm(x.ref, weight('ln1.weight'), weight('ln1.bias'))
    const k = dot(weight('att.key.weight'), mix(a.ref, attX.ref, weight('att.time_mix_k')))
    const v = dot(weight('att.value.weight'), mix(a.ref, attX.ref, weight('att.time_mix_v')))
    const r = dot(weight('att.receptance.weight'), mix(a.ref, attX, weight('att.time_mix_r')))
    const bonus = weight('att.time_first').add(k.ref)
    const q = maximum(pp.ref, bonus.ref)
    const [e1, e2] = [exp(pp.ref.sub(q.ref)), exp(bonus.sub(q))]
    const seen = e1.ref.mul(aa.ref).add(e2.ref.mul(v.ref)).div(e1.mul(bb.ref).add(e2))
    const faded = pp.add(weight('att.time_decay'))
    const next = maximum(faded.ref, k.ref)
    const [f1, f2] = [exp(faded.sub(next.ref)), exp(k.sub(next.ref))]
    const sums = { aa: f1.ref.mul(aa).add(f2.ref.mul(v)), bb: f1.mul(bb).add(f2), pp: next }
    return [x.add(dot(weight('att.output.weight'), sigmoid(r).mul(seen))), { attX: a, ...sums }]
  }
  const channelMix = (x: Tensor, ffnX: Tensor, w: Tensors): [Tensor, Tensor] => {
    const weight = (name: string) => w[name] as Tensor
    const b = norm(x.ref, weight('ln2.weight'), weight('ln2.bias'))
    const k = relu(dot(weight('ffn.key.weight'), mix(b.ref, ffnX.ref, weight('ffn.time_mix_k'))))
    const r = dot(weight('ffn.receptance.weight'), mix(b.ref, ffnX, weight('ffn.time_mix_r')))
    return [x.add(sigmoid(r).mul(dot(weight('ffn.value.weight'), k.ref.mul(k)))), b]
  }
  return {
    first: jit((x: Tensor, w: Tensors) => norm(x, w.weight as Tensor, w.bias as Tensor)),
    layer: jit((x: Tensor, state: Tensors, w: Tensors): [Tensor, Tensors] => {
      const [y, next] = timeMix(x, state, w)
      const [z, ffnX] = channelMix(y, state.ffnX as Tensor, w)
      return [z, { ...next, ffnX }]
    }),
    last: jit((x: Tensor, w: Tensors) => dot(w.head as Tensor, norm(x, w.weight as Tensor, w.bias as Tensor))),
  }
}
