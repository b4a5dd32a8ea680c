/** @file What work took of the processor, for bounds that hold on a machine that is busy with other things. */

/** Milliseconds of CPU that this process has used, all its threads together. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
