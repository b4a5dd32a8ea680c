import { expect, test, vi } from 'vitest'
import { createThrottle } from '../../../demo/views/parts/throttle.ts'
import { drawEveryMs } from '../../../demo/views/state/pace.ts'

test.each([23_040, 6_488_064, 21_626_880])('of states of %d bytes at most 5 MB a second are read', async (bytes) => {
  vi.useFakeTimers()
  try {
    let read = 0
    const draw = createThrottle(
      async () => {
        read += bytes
      },
      () => drawEveryMs(bytes),
      (error) => expect.unreachable(String(error)),
    )
    for (let token = 0; token < 1000; token++) {
      draw()
      await vi.advanceTimersByTimeAsync(20)
    }
    expect(read).toBeLessThanOrEqual(20 * 5e6 + bytes) // the first at once
    expect(read).toBeGreaterThan(2 * bytes)
  } finally {
    vi.useRealTimers()
  }
})
