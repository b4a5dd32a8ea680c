import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { createReadback } from '../../src/gpu/buffer.ts'
import type { Gpu } from '../../src/gpu/device.ts'

test.each([true, false])(
  'a browser that only polls is nudged while a read is pending, and no other: %s',
  async (onlyPolls) => {
    let mapped = () => {}
    const map = new Promise<void>((resolve) => {
      mapped = resolve
    })
    let enough = () => {}
    const nudged = new Promise<void>((resolve) => {
      enough = resolve
    })
    let nudges = 0
    const submit = (commands: readonly GPUCommandBuffer[]) => {
      expect(commands).toEqual([])
      if (++nudges === 2) enough()
    }
    const buffer = { mapAsync: () => map, getMappedRange: () => new ArrayBuffer(4), unmap() {} }
    const gpu = {
      device: { createBuffer: () => buffer, queue: { submit } },
      counters: { created: 0, gpuByteLength: 0, bytesReadBack: 0 },
      guard: <T>(pending: Promise<T>) => pending,
      onlyPolls,
    } as unknown as Gpu
    const reading = createReadback(gpu, { label: 'ids', byteLength: 4 }).read(4)
    if (onlyPolls) await nudged
    mapped()
    expect((await reading).byteLength).toBe(4)
    const after = nudges
    await new Promise((settle) => setTimeout(settle, 20))
    expect(nudges).toBe(after)
    expect(nudges > 0).toBe(onlyPolls)
  },
)

test('nothing waits for submitted work but with nudges', () => {
  const root = fileURLToPath(new URL('../../src/', import.meta.url))
  const waits = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => readFileSync(`${root}${file}`, 'utf8').split('\n'))
    .filter((line) => /\.(onSubmittedWorkDone|mapAsync)\(/.test(line))
  expect(waits.length).toBeGreaterThanOrEqual(3)
  expect(waits.filter((line) => !line.includes('nudged(gpu, '))).toEqual([])
})
