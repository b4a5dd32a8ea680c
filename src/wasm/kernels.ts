/**
 * @file The kernels in WebAssembly: what they take, and how they are compiled. What they do is said where they are written,
 * in shaders/wasm/. Strides and lengths of rows are in bytes.
 */

import { RwkvError } from '../core/errors.ts'
import { modules, plainLength } from './binary.ts'

/** A byte of the memory that an instance is made over. */
export type Address = number

/** What the functions of shaders/wasm/index.ts take, by their names. */
export interface Kernels {
  readonly arrange: Kernel<[codec: number, row: Address, columns: number, rows: number, rowBytes: number]>
  readonly decode: Kernel<[codec: number, row: Address, columns: number, out: Address]>
  readonly quantize: Kernel<[x: Address, columns: number, out: Address]>
  readonly matvec: Kernel<[...MatrixPart, x: Address, quantized: Address, out: Address]>
  readonly matmul: Kernel<[...MatrixPart, ...Rows, scratch: Address]>
  readonly sumRows: Kernel<
    [codec: number, matrix: Address, rowBytes: number, rows: number, columns: number, ...Rows, scratch: Address]
  >
  readonly layerNorm: Kernel<[x: Address, count: number, C: number, norm: Address, out: Address]>
  readonly shiftMix: Kernel<[...Mixing, out: Address, outStride: number]>
  readonly mixInputs: Kernel<[...Mixing, inputs: Address, stride: number]>
  readonly storeShift: Kernel<[a: Address, count: number, C: number, before: Address]>
  readonly activate: Kernel<[kind: number, x: Address, count: number, columns: number, stride: number]>
  readonly add: Kernel<[x: Address, y: Address, length: number]>
  readonly addGated: Kernel<[x: Address, y: Address, gate: Address, gateStride: number, count: number, C: number]>
  readonly wkv4: Kernel<
    [kvr: Address, count: number, C: number, time: Address, sums: Address, out: Address, watched: Address]
  >
  readonly wkvHeads: Kernel<
    [
      ...[kvrg: Address, ...Heads, time: Address, added: Address, addedStride: number, norm: Address, isGated: number],
      ...[s: Address, out: Address, watched: Address, scratch: Address],
    ]
  >
  readonly wkv7: Kernel<
    [
      ...[rkv: Address, low: Address, ...Heads, vectors: Address],
      ...[s: Address, first: Address, isFirst: number, out: Address, watched: Address, scratch: Address],
    ]
  >
}

type Kernel<Parameters extends (number | boolean)[]> = (...parameters: Parameters) => void

type MatrixPart = [codec: number, matrix: Address, rowBytes: number, from: number, to: number, columns: number]
type Mixing = [a: Address, count: number, C: number, mix: Address, mixes: number, before: Address]
type Heads = [count: number, C: number, head: number, from: number, to: number]
type Rows = [x: Address, xStride: number, count: number, out: Address, outStride: number]

/** The kernels, compiled. */
export interface KernelModule {
  readonly module: WebAssembly.Module
  /** Whether they use relaxed SIMD. */
  readonly isRelaxed: boolean
  /** Whether they run over a memory that threads share, which is another type of memory. */
  readonly isShared: boolean
}

/**
 * Compile them, with relaxed SIMD where there is any.
 * @throws RwkvError `wasm/unavailable` where WebAssembly, its SIMD, or the page's leave is missing
 */
export async function compileKernels({ isShared }: Pick<KernelModule, 'isShared'>): Promise<KernelModule> {
  if (typeof WebAssembly === 'undefined') throw unavailable('WebAssembly is missing here')
  const { plain, relaxed } = await binaries(isShared)
  try {
    const isRelaxed = WebAssembly.validate(relaxed)
    if (!isRelaxed && !WebAssembly.validate(plain)) throw unavailable('WebAssembly has no SIMD here')
    return { module: await WebAssembly.compile(isRelaxed ? relaxed : plain), isRelaxed, isShared }
  } catch (cause) {
    if (cause instanceof RwkvError) throw cause
    throw unavailable(
      "This page may not run WebAssembly: its Content-Security-Policy must allow 'wasm-unsafe-eval' in script-src",
      cause,
    )
  }
}

/** An instance over `memory`. */
export function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels
}

function unavailable(found: string, cause?: unknown): RwkvError {
  return new RwkvError(
    'wasm/unavailable',
    `${found}${cause === undefined ? '' : ` (${String(cause)})`}. Use WebGPU, or a current Chrome, Edge, Firefox or Safari.`,
    { cause },
  )
}

/** Both modules, over a memory of either type: what is the same in them is there once. */
export async function binaries(isShared: boolean) {
  const deflated = Uint8Array.from(atob(modules), (character) => character.charCodeAt(0))
  const stream = new Blob([deflated]).stream().pipeThrough(new DecompressionStream('deflate-raw'))
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer())
  const both = { plain: bytes.subarray(0, plainLength), relaxed: bytes.subarray(plainLength) } as const
  if (!isShared) for (const module of Object.values(both)) module[memoryFlagsAt(module)] = HAS_MAXIMUM
  return both
}

const HAS_MAXIMUM = 1 // and it is not shared, for which they are compiled

/** Where the flags of the memory stand that a module imports: behind its name, and the kind of what it is. */
function memoryFlagsAt(module: Uint8Array): number {
  const name = Array.from('memory', (character) => character.charCodeAt(0))
  const at = module.findIndex((_, i) => name.every((byte, j) => module[i + j] === byte))
  return at + name.length + 1
}
