/** @file Whether WebGPU is computed by the CPU: some browsers say so, others only by the adapter's name. */

/** What is needed of `GPUAdapterInfo`, and of an `AdapterDescription`. */
export interface AdapterNames {
  readonly vendor: string
  readonly architecture: string
  readonly description: string
  readonly isFallbackAdapter?: boolean
}

/** Names of SwiftShader, of Mesa's llvmpipe and lavapipe, and of Windows' WARP. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|basic render|\bwarp\b/i

/** True for an adapter without a GPU. */
export function isSoftwareAdapter({ vendor, architecture, description, isFallbackAdapter }: AdapterNames): boolean {
  return isFallbackAdapter === true || SOFTWARE.test(`${vendor} ${architecture} ${description}`)
}
