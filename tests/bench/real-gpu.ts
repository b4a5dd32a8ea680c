/**
 * @file `npm run real-gpu -- [--out FILE]`: what the package does on the adapter of this machine, in node on Dawn: the
 * conformance sets, the tests of the kernels, steps of a 169M shape on both presets, and products in every shape of their
 * kernel. Prints one JSON, which belongs into `tests/bench/results/ADAPTER.json`; exits 1 where a result was wrong.
 * VK_DRIVER_FILES chooses another Vulkan driver.
 */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { ProductReport } from '../../demo/views/bench/product-costs.ts'
import type { WeightFormat } from '../../src/core/protocol.ts'
import { createGpu } from '../../src/gpu/device.ts'
import { measureProducts } from '../../workers/products/measure.ts'
import { compare } from '../conformance/compare.ts'
import { runInNode } from '../conformance/node.ts'
import { planOf } from '../conformance/run-set.ts'
import { cpuMs } from '../tools/cpu-time.ts'
import { createDawn } from '../tools/dawn.ts'
import { fileOf, goldenFolder, goldenFolder7, goldenFolder56, readSet } from '../tools/golden.ts'
import { vitestCounts } from '../tools/reports.mjs'
import { type StepCosts, stepCosts } from './steps.ts'

const codecs: readonly WeightFormat[] = ['f32', 'f16', 'q8', 'q4']

/** Tests, or numbers of a set, that were right; those that were not. */
interface Counts {
  readonly passed: number
  readonly failed: number
}

interface Conformance extends Counts {
  readonly preset: 'gpu' | 'software'
  /** The largest error, of what is allowed. */
  readonly worst: number
}

/** What the program prints. */
export interface AdapterReport {
  readonly date: string
  readonly adapter: { readonly vendor: string; readonly architecture: string; readonly description: string }
  readonly machine: { readonly platform: string; readonly cpu: string; readonly node: string }
  readonly conformance: readonly Conformance[]
  /** `vitest run --project gpu tests/kernels`. */
  readonly kernels: Counts
  readonly steps: readonly StepCosts[]
  readonly products: Pick<ProductReport, 'costs' | 'leftOut'>
}

/** Exit code: 0 if every result is right. */
export async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { out: { type: 'string' } } })
  const gpu = await createGpu(createDawn())
  const { vendor, architecture, description } = gpu.adapter
  const doing = (what: string) => console.error(`${description}: ${what}`)

  const conformance: Conformance[] = []
  for (const folder of [goldenFolder, goldenFolder56, goldenFolder7])
    for (const preset of ['gpu', 'software'] as const) conformance.push(await conform(folder, preset, doing))
  doing('the tests of the kernels')
  const kernels = testKernels()
  doing('steps')
  const steps = await stepCosts(codecs)
  const { costs, leftOut } = await measureProducts(gpu, {
    clock: () => ({ wallMs: performance.now(), cpuMs: cpuMs() }),
    budgetMs: Number.POSITIVE_INFINITY,
    onStep: ({ codec, tokens }) => doing(`products in ${codec} with ${tokens} tokens`),
  })
  gpu.dispose()

  const report: AdapterReport = {
    date: new Date().toISOString().slice(0, 10),
    adapter: { vendor, architecture, description },
    machine: { platform: process.platform, cpu: cpus()[0]?.model ?? '', node: process.version },
    conformance,
    kernels,
    steps,
    products: { costs, leftOut },
  }
  const text = JSON.stringify(report, undefined, 1)
  if (values.out) writeFileSync(values.out, text)
  console.log(text)
  return [...conformance, kernels].some(({ passed, failed }) => failed > 0 || passed === 0) ? 1 : 0
}

async function conform(
  folder: string,
  preset: 'gpu' | 'software',
  doing: (what: string) => void,
): Promise<Conformance> {
  const set = await readSet(folder)
  const plan = planOf(set, (model) => fileOf(set, model))
  const log = (line: string) => doing(`${preset}, ${line}`)
  const verdicts = compare(set, await runInNode(folder, plan, { device: 'webgpu', preset }, log), plan)
  const failed = verdicts.filter(({ misses }) => misses.length > 0).length
  return {
    preset,
    passed: verdicts.length - failed,
    failed,
    worst: Math.max(...verdicts.map(({ ratio }) => ratio)),
  }
}

function testKernels(): Counts {
  const folder = mkdtempSync(join(tmpdir(), 'rwkv-kernels-'))
  const report = join(folder, 'report.json')
  const command = `npx vitest run --project gpu tests/kernels --reporter=json --outputFile=${report}`
  spawnSync(command, { shell: true, stdio: 'ignore' })
  try {
    const { passed, failed } = vitestCounts(report)
    return { passed, failed }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
