import { expect, test } from 'vitest'
import { withGpu } from '../tools/gpu.ts'

const STORAGE = 0x80

test('what the GPU refuses is told to the one that asked, whoever else asks in the same breath', () =>
  withGpu(async (gpu) => {
    const sizes = [2 ** 40, 16, 2 ** 41, 32]
    const create = (size: number) => gpu.scoped('a buffer', () => gpu.device.createBuffer({ size, usage: STORAGE }))
    const ends = await Promise.allSettled(sizes.map(create))
    const told = ends.map((end) => (end.status === 'rejected' ? end.reason.message : end.value.size))
    expect(told).toEqual([expect.stringContaining(`${2 ** 40}`), 16, expect.stringContaining(`${2 ** 41}`), 32])
  }))
