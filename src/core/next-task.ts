/** @file Giving way: a promise for after everything that is ready to run now, in any thread and in node. */

/** Resolves in a task of its own, behind all promises that are settled already; takes some microseconds. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(null)
  })
}
