/** @file What work took of the processor, for bounds that hold on a machine that is busy with other things. */

import { readFileSync } from 'node:fs'

/** Milliseconds of CPU that this process has used, all its threads together. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/**
 * Milliseconds of CPU that this process's first thread has used, without those that collect garbage beside it. Linux only:
 * node 20 has no other way to ask.
 */
export function firstThreadMs(): number {
  return Number(readFileSync('/proc/self/schedstat', 'utf8').split(' ')[0]) / 1e6
}
