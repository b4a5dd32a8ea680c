/**
 * @file What ids are drawn with on the GPU, allocated once at load: a place for each reply with its rules, its mask, its
 * biases and how often it has drawn each id, and the id that it drew last, which the next step reads.
 */

import { createOwner, type Owned } from '../core/dispose.ts'
import type { SamplingOptions } from '../core/protocol.ts'
import { type Buffer, createBuffer } from '../gpu/buffer.ts'
import type { Gpu } from '../gpu/device.ts'
import { maskLength, RULES_LENGTH } from '../kernels/sample.ts'
import type { Constraint } from '../sample/constraint.ts'
import { createMask } from '../sample/mask.ts'

/** How a reply is drawn. */
export interface ReplyRules {
  readonly sampling: SamplingOptions & { readonly seed: number }
  readonly constraint: Pick<Constraint, 'bias' | 'allowed' | 'banned' | 'exempt'>
  /** Ids that no reply may draw. */
  readonly banned: readonly number[]
  /** Which sequence of the seed. */
  readonly stream: number
}

/** The buffers, see `Sample` in src/kernels/sample.ts, and who has which place. The creator disposes it. */
export interface DrawBuffers extends Owned {
  /** R. */
  readonly replies: number
  readonly mostBiases: number
  readonly rules: Buffer
  readonly masks: Buffer
  readonly biases: Buffer
  readonly counts: Buffer
  readonly drawn: Buffer
  /** A place for a reply, from its first draw on; undefined where none is free or its biases are too many. */
  begin(rules: ReplyRules): number | undefined
  /** Give the place back; draws that are submitted already may still be under way. */
  end(reply: number): void
}

const MOST_BIASES = 512
const KEEPS_ALL = 0xffffffff
const UNCOUNTED = 0x80000000 // in an id: no count for the frequency penalty
const UNDERFLOW = 745 // nats below the best from which exp gives 0 on the CPU
const SHARPEST = 1e20 // 1 / temperature; more would overflow

/** What `createDrawBuffers` takes. */
export interface DrawBuffersOptions {
  readonly V: number
  /** R: replies at a time. */
  readonly replies: number
  /** Most draws of a step. */
  readonly draws: number
}

/** Buffers without replies. */
export function createDrawBuffers(gpu: Gpu, { V, replies, draws }: DrawBuffersOptions): DrawBuffers {
  const owner = createOwner()
  const u32 = (label: string, length: number) =>
    owner.own(createBuffer(gpu, { label, byteLength: length * 4, use: 'storage' }))
  const rules = u32('rules', replies * RULES_LENGTH)
  const masks = u32('masks', replies * maskLength(V))
  const biases = u32('biases', replies * MOST_BIASES * 2)
  const free = Array.from({ length: replies }, (_, i) => replies - 1 - i)
  const write = (buffer: Buffer, reply: number, values: Uint32Array<ArrayBuffer>, stride: number) =>
    gpu.device.queue.writeBuffer(buffer.gpu, reply * stride * 4, values)

  return {
    replies,
    mostBiases: MOST_BIASES,
    rules,
    masks,
    biases,
    counts: u32('counts', replies * V),
    drawn: u32('drawn', replies + draws),
    begin(of) {
      const { allowed, banned } = of.constraint
      const nudges = encodeNudges(of.constraint)
      if (nudges.length > MOST_BIASES * 2) return undefined
      const reply = free.pop()
      if (reply === undefined) return undefined
      write(rules, reply, encodeRules(of, nudges.length / 2), RULES_LENGTH)
      write(masks, reply, createMask(V, { allowed, banned: [banned, of.banned] }), maskLength(V))
      if (nudges.length > 0) write(biases, reply, nudges, MOST_BIASES * 2)
      return reply
    },
    end(reply) {
      free.push(reply)
    },
    dispose: () => owner.dispose(),
  }
}

/** The shader's struct `Rules`. */
function encodeRules({ sampling, stream }: ReplyRules, nudges: number): Uint32Array<ArrayBuffer> {
  const { seed, temperature, topP, topK, minP, presencePenalty, frequencyPenalty, penaltyDecay } = sampling
  const isGreedy = temperature === 0 || topP === 0
  const f32 = new Float32Array([
    Math.min(-Math.log(minP), UNDERFLOW),
    Math.min(1 / temperature, SHARPEST),
    presencePenalty,
    frequencyPenalty,
    penaltyDecay,
  ])
  return Uint32Array.of(
    seed,
    Math.floor(seed / 2 ** 32),
    stream,
    isGreedy ? 1 : 0,
    topK === 0 ? KEEPS_ALL : topK,
    topP === 1 ? KEEPS_ALL : Math.floor(topP * 2 ** 32),
    ...new Uint32Array(f32.buffer),
    nudges,
  )
}

/** The shader's structs `Bias`, each id once: what is added to its logit, and whether it is counted. */
function encodeNudges({ bias, exempt = new Set() }: ReplyRules['constraint']): Uint32Array<ArrayBuffer> {
  const ids = [...new Set([...bias.keys(), ...exempt])]
  const values = new Uint32Array(ids.length * 2)
  const floats = new Float32Array(values.buffer)
  for (const [place, id] of ids.entries()) {
    values[place * 2] = id + (exempt.has(id) ? UNCOUNTED : 0)
    floats[place * 2 + 1] = bias.get(id) ?? 0
  }
  return values
}
