/** @file A device that goes in the middle of something: at a chosen one of the moments in which somebody waits for it. */

/** Moments of waiting, over all devices that are shown to it. */
export interface Losses {
  /** For `withEngine`. */
  readonly onDevice: (device: GPUDevice) => void
  /** How many there were. */
  readonly waits: number
  /** How many devices were destroyed at one. */
  readonly lost: number
}

/** Destroy the device that is waited for at the moments of these numbers. */
export function loseAt(isLost: (wait: number) => boolean): Losses {
  const counts = { waits: 0, lost: 0 }
  const watch =
    <Args extends unknown[], Result>(device: GPUDevice, call: (...args: Args) => Result) =>
    (...args: Args): Result => {
      const result = call(...args)
      if (isLost(counts.waits++)) {
        counts.lost++
        device.destroy()
      }
      return result
    }
  return {
    onDevice(device) {
      const { queue } = device
      const createBuffer = device.createBuffer.bind(device)
      device.createBuffer = (descriptor) => {
        const buffer = createBuffer(descriptor)
        buffer.mapAsync = watch(device, buffer.mapAsync.bind(buffer))
        return buffer
      }
      device.popErrorScope = watch(device, device.popErrorScope.bind(device))
      device.createComputePipelineAsync = watch(device, device.createComputePipelineAsync.bind(device))
      queue.onSubmittedWorkDone = watch(device, queue.onSubmittedWorkDone.bind(queue))
    },
    get waits() {
      return counts.waits
    },
    get lost() {
      return counts.lost
    },
  }
}
