/** @file Faulty GPUs for tests. */

/** From now on `device` compiles `wrong` where a shader says `right`, as a faulty driver might; returns how often it did. */
export function spoil(device: GPUDevice, right: string, wrong: string): () => number {
  let count = 0
  const create = device.createShaderModule.bind(device)
  device.createShaderModule = (descriptor) => {
    if (descriptor.code.includes(right)) count += 1
    return create({ ...descriptor, code: descriptor.code.replaceAll(right, wrong) })
  }
  return () => count
}
