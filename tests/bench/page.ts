/** @file The page of `browser.ts`: starts the worker, and passes on to the harness what the worker asks for. */

import { proxy, wrap } from 'comlink'
import { loadModel } from '../../src/index.ts'
import type { Moment } from './rounds.ts'
import type { Found, Host, Plan, runPlan } from './run-plan.ts'

declare global {
  /** What the harness answers. */
  var harness: (ask: 'cpuMs' | 'heapByteLength' | 'log', line?: string) => Promise<number>
  /** What it asks for. */
  var bench: { run(plan: Plan): Promise<Found>; readyMs(model: string): Promise<number[]> }
}

const host: Host = {
  async now(): Promise<Moment> {
    const cpuMs = await harness('cpuMs')
    return { wallMs: performance.now(), cpuMs }
  },
  heapByteLength: () => harness('heapByteLength'),
  log: (line) => void harness('log', line),
}

const READY_RUNS = 5

/** Milliseconds from the start of a worker to the first token, with the built-in model kept on this device. */
async function readyMs(model: string): Promise<number[]> {
  const once = async () => {
    const start = performance.now()
    const loaded = await loadModel(model, { device: 'webgpu' })
    const session = await loaded.createSession()
    for await (const _ of session.prompt('Hello!')) break
    const ms = performance.now() - start
    await loaded.dispose()
    return ms
  }
  await once() // which puts it there
  const times: number[] = []
  for (let i = 0; i < READY_RUNS; i++) times.push(await once())
  return times
}

/** Run a plan in a worker of its own. */
async function run(plan: Plan): Promise<Found> {
  const worker = new Worker(new URL('./bench.worker.ts', import.meta.url), { type: 'module' })
  const failed = new Promise<never>((_, reject) => {
    worker.onerror = ({ message }) => reject(new Error(`the worker failed: ${message}`))
  })
  try {
    return await Promise.race([wrap<typeof runPlan>(worker)(plan, proxy(host)), failed])
  } finally {
    worker.terminate()
  }
}

globalThis.bench = { run, readyMs }
document.title = 'ready'
