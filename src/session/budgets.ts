/**
 * @file How many bytes the states of a model may take, and where: shares of the memory that the device has. A state of
 * RWKV-4 takes kilobytes, one of RWKV-7 up to 22 MB, so nothing here is counted in states but the least that is needed.
 */

const MIB = 1024 * 1024
/** Of memory, where the browser does not say. */
export const ASSUMED_BYTES = 4096 * MIB

/** Bytes that states may take. */
export interface StateBudgets {
  /** On the GPU, in all slots of the pool. */
  readonly pool: number
  /** Of these: marks, and states that sessions share. Beyond it they go to memory. */
  readonly keptOnGpu: number
  /** Of marks in memory, where there is a file for more. */
  readonly keptInMemory: number
  /** Of states that sessions share, wherever they are. */
  readonly shared: number
  /** Of the slots that the pool begins with. */
  readonly first: number
}

/**
 * @param stateByteLength of one state
 * @param deviceByteLength of memory that the device has, which its GPU may or may not share; default 4 GiB
 */
export function stateBudgets(stateByteLength: number, deviceByteLength = ASSUMED_BYTES): StateBudgets {
  /** `bytes`, but for at least so many states, and for at most so many. */
  const between = (least: number, bytes: number, most = Infinity) =>
    Math.max(least * stateByteLength, Math.min(bytes, most * stateByteLength))
  // A batch takes 32 slots, and whoever makes it a few more; of small states there is room for thousands.
  const pool = between(4, Math.min(deviceByteLength / 16, between(48, 128 * MIB)))
  const keptOnGpu = between(2, pool / 8) // the two marks of a reply
  return {
    pool,
    keptOnGpu,
    keptInMemory: between(2, deviceByteLength / 64),
    shared: between(4, keptOnGpu / 2, 256),
    first: Math.min(pool, between(3, 32 * MIB, 8)),
  }
}
