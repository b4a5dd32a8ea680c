/** @file How often the picture of the state is drawn: each time all of it is read from the GPU. */

const DRAW_EVERY_MS = 150
const READ_BYTES_PER_MS = 5000 // 5 MB a second

/** Between two pictures of a state of so many bytes. */
export function drawEveryMs(stateByteLength = 0): number {
  return Math.max(DRAW_EVERY_MS, stateByteLength / READ_BYTES_PER_MS)
}
