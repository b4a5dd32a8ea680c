/** @file Whether a backend computes right what a model is held in: asked as it is loaded, once for every mix of formats. */

import { isRwkvError, RwkvError } from '../core/errors.ts'
import type { WeightFormat } from '../core/protocol.ts'
import type { TensorSpec } from '../core/tensor-spec.ts'
import { isQuantized } from '../core/weight-layout.ts'
import type { TensorEntry } from '../file/checkpoint.ts'
import type { Architecture } from '../forward/architecture.ts'
import type { Backend } from '../forward/backend.ts'
import { type SelfTestOfMix, selfTest, selfTestOfMix } from '../forward/self-test.ts'
import { productFormats, type WeightPlan } from '../model/weight-plan.ts'

/** What `requireTrust` takes. */
export interface RequireTrust {
  readonly architecture: Architecture
  /** What was asked for, and what came of it. */
  readonly weights: WeightFormat | 'auto'
  readonly plan: WeightPlan
  readonly specs: readonly TensorSpec[]
  readonly tensors: ReadonlyMap<string, TensorEntry>
}

/** @throws RwkvError `gpu/wrong-results`, `wasm/wrong-results` unless the kernels for these weights compute what they should. */
export async function requireTrust(backend: Backend, model: RequireTrust): Promise<void> {
  const [key, test] = testOf(model)
  const isRight = backend.tested.get(key) ?? (await test(backend))
  backend.tested.set(key, isRight)
  if (isRight) return
  throw new RwkvError(
    backend.device === 'wasm' ? 'wasm/wrong-results' : 'gpu/wrong-results',
    `${wrongResults(backend, model)}, so a model would only say nonsense. Update the ${backend.device === 'wasm' ? 'browser' : 'graphics driver'}.`,
  )
}

/** What it is kept under, and the test of a model like this one. */
function testOf({ architecture, weights, plan, specs, tensors }: RequireTrust): [key: string, test: Test] {
  const { version } = architecture
  const embedding = plan.get('emb.weight') ?? 'f32'
  const [only = 'f32', ...others] = new Set(plan.values())
  if (weights === 'auto' && (others.length > 0 || isQuantized(only))) {
    const exact = specs.find(({ isExact }) => isExact)
    const formats = {
      products: productFormats(plan, specs),
      embedding,
      head: plan.get('head.weight') ?? 'f32',
      exact: (exact && plan.get(exact.name)) ?? 'f32',
    }
    return [`${version} ${JSON.stringify(formats)}`, (backend) => testOfMix(backend, { architecture, ...formats })]
  }
  const codec = weights === 'auto' ? (only as WeightFormat) : weights
  const dtype = isQuantized(codec) ? tensors.get('emb.weight')?.dtype : undefined
  const isBeside = isQuantized(embedding) // in a model that is quantised on request
  const beside = { architecture, products: [embedding], embedding, head: embedding, exact: 'f32' } as const
  const test: Test = async (backend) =>
    (await selfTest(backend.createPlace(), { architecture, codec, embedding: dtype })) &&
    (!isBeside || testOfMix(backend, beside))
  return [`${version} ${codec} ${isBeside ? embedding : dtype}`, test]
}

type Test = (backend: Backend) => Promise<boolean>

const testOfMix = (backend: Backend, mix: SelfTestOfMix) => selfTestOfMix(backend.createPlace(), mix)

/** That results are wrong, as the beginning of a sentence. */
export const wrongResults = ({ called }: Backend, { plan, specs }: Pick<RequireTrust, 'plan' | 'specs'>): string =>
  `${called} computes wrong results with ${productFormats(plan, specs).join(' and ')} weights`

/** Whether `requireTrust` threw it. */
export const isWrong = (error: unknown): boolean =>
  isRwkvError(error, 'gpu/wrong-results') || isRwkvError(error, 'wasm/wrong-results')
