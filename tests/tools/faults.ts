/** @file A device that has no memory left, or refuses a binding, at a chosen one of those that are asked of it. */

/** What goes wrong on the devices that are shown to it. */
export interface Faults {
  /** For `withEngine`. */
  readonly onDevice: (device: GPUDevice) => void
  /** The `count`-th buffer or bind group from now on fails; 1 is the next one. */
  failAt(count: number): void
  /** Nothing fails from now on. @returns whether something did since `failAt` */
  stop(): boolean
  /** Labels of buffers that failed where nobody looked. */
  readonly unseen: readonly string[]
}

/** All is well at first. */
export function createFaults(): Faults {
  let left = Number.POSITIVE_INFINITY
  const unseen: string[] = []
  return {
    unseen,
    failAt(count) {
      left = count
    },
    stop() {
      const hasFailed = left <= 0
      left = Number.POSITIVE_INFINITY
      return hasFailed
    },
    onDevice(device) {
      const scopes: { readonly filter: GPUErrorFilter; error?: string }[] = []
      const [push, pop] = [device.pushErrorScope.bind(device), device.popErrorScope.bind(device)]
      device.pushErrorScope = (filter) => {
        scopes.push({ filter })
        return push(filter)
      }
      device.popErrorScope = async () => {
        const scope = scopes.pop()
        const found = await pop()
        return scope?.error === undefined ? found : ({ message: scope.error } as GPUError)
      }
      const createBuffer = device.createBuffer.bind(device)
      device.createBuffer = (descriptor) => {
        if (--left !== 0) return createBuffer(descriptor)
        const scope = scopes.findLast(({ filter }) => filter === 'out-of-memory')
        if (scope) scope.error ??= `no memory for ${descriptor.label}`
        else unseen.push(descriptor.label ?? '')
        push('validation')
        const broken = createBuffer({ ...descriptor, usage: 0 })
        void pop()
        return broken
      }
      const createBindGroup = device.createBindGroup.bind(device)
      device.createBindGroup = (descriptor) =>
        createBindGroup(--left === 0 ? { ...descriptor, entries: [] } : descriptor)
    },
  }
}
