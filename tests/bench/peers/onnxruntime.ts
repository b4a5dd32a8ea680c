/** @file onnxruntime-web as a contestant, on WebGPU or in WebAssembly: the exported graph, its state kept where it computes. */

import type { Context, Opened } from '../entrants.ts'
import { checkIds } from '../ours.ts'
import { idOfStep } from '../workload.ts'
import { exportRwkv4, stateNames } from './rwkv4-onnx.ts'

/** What is used of the package. */
interface Ort {
  readonly env: { readonly wasm: { wasmPaths: string; numThreads: number } }
  readonly Tensor: new (type: string, data: Float32Array | BigInt64Array, dims: readonly number[]) => OrtTensor
  readonly InferenceSession: { create(model: Uint8Array, options: object): Promise<OrtSession> }
}

interface OrtTensor {
  readonly data: Float32Array
  dispose(): void
}

interface OrtSession {
  run(feeds: Readonly<Record<string, OrtTensor>>): Promise<Readonly<Record<string, OrtTensor>>>
  release(): Promise<void>
}

const webgpu = { file: 'ort.webgpu.bundle.min.mjs', provider: 'webgpu', stateAt: 'gpu-buffer' } as const

/** Builds, providers and graphs by the contestant's name. */
const builds = {
  'ort-webgpu': { ...webgpu, product: 'MatMul' },
  'ort-gemm-webgpu': { ...webgpu, product: 'Gemm' },
  'ort-wasm': { file: 'ort.wasm.bundle.min.mjs', provider: 'wasm', stateAt: 'cpu', product: 'MatMul' },
} as const

/** Make a session, and feed it what is compared. */
export async function openOnnxruntime(
  name: keyof typeof builds,
  { workload, model, packages }: Context,
): Promise<Opened> {
  const { file, provider, stateAt, product } = builds[name]
  const dist = `${packages}onnxruntime-web/dist/`
  const ort: Ort = await import(/* @vite-ignore */ `${dist}${file}`)
  ort.env.wasm.wasmPaths = dist
  ort.env.wasm.numThreads = 1 // more need a page that is isolated from other origins
  const { L, C, V } = model.info.config
  const exported = await exportRwkv4(model.info.config, await workload.checkpoint(), product)
  const names = stateNames(L)
  const session = await ort.InferenceSession.create(exported.model, {
    executionProviders: [provider],
    externalData: [{ path: exported.weightsFile, data: exported.weights }],
    graphOptimizationLevel: 'all',
    preferredOutputLocation: {
      logits: 'cpu',
      ...Object.fromEntries(names.map((name) => [`next.${name}`, stateAt])),
    },
  })
  let state: Record<string, OrtTensor> = Object.fromEntries(
    names.map((name) => {
      const values = new Float32Array(C).fill(name.startsWith('pp') ? -1e30 : 0)
      return [name, new ort.Tensor('float32', values, [1, C])]
    }),
  )
  async function step(id: number): Promise<Float32Array> {
    const { logits, ...next } = await session.run({
      id: new ort.Tensor('int64', BigInt64Array.of(BigInt(id)), [1]),
      ...state,
    })
    for (const tensor of Object.values(state)) tensor.dispose()
    state = Object.fromEntries(names.map((name) => [name, next[`next.${name}`] as OrtTensor]))
    return (logits as OrtTensor).data
  }

  let logits = new Float32Array()
  for (const id of checkIds(model)) logits = (await step(id)).slice()
  let steps = 0
  return {
    contestant: { name, unit: 'token', units: 1, run: () => step(idOfStep(steps++, V)) },
    logits,
    async dispose() {
      for (const tensor of Object.values(state)) tensor.dispose()
      await session.release()
    },
  }
}
