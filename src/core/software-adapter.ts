/** @file Whether WebGPU is computed by the CPU, and what is fast then: some browsers say so, others only by the adapter's name. */

/** What is needed of `GPUAdapterInfo`, and of an `AdapterDescription`. */
export interface AdapterNames {
  readonly vendor: string
  readonly architecture: string
  readonly description: string
  readonly isFallbackAdapter?: boolean
}

/** Names of SwiftShader, of Mesa's llvmpipe and lavapipe, and of Windows' WARP. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|basic render|\bwarp\b/i

/** Those on which f32 was measured to be faster than 16 bits a weight; on lavapipe it is slower. */
const FASTEST_IN_F32 = /swiftshader/i

/** True for an adapter without a GPU. */
export function isSoftwareAdapter({ vendor, architecture, description, isFallbackAdapter }: AdapterNames): boolean {
  return isFallbackAdapter === true || SOFTWARE.test(`${vendor} ${architecture} ${description}`)
}

/** True where decoding a weight of 16 bits takes longer than reading one of 32. */
export function isFastestInF32({ vendor, architecture, description }: AdapterNames): boolean {
  return FASTEST_IN_F32.test(`${vendor} ${architecture} ${description}`)
}
