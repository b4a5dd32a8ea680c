/**
 * @file `npm run format-cost`: what formats of unbounded cost do to a worker's thread, at V = 65,536: the longest time
 * without giving way, the longest from an abort to the end, and the longest until a format is refused; in
 * milliseconds of CPU of that thread.
 */

import { readFileSync } from 'node:fs'
import { nextTask } from '../../src/core/next-task.ts'
import { inSlices } from '../../src/core/slices.ts'
import { defaultSampling } from '../../src/sample/options.ts'
import { createGuides } from '../../src/session/guides.ts'
import { createWorldTokenizer, parseWorldVocabulary } from '../../src/text/world-tokenizer.ts'
import { costlyFormats } from '../tools/costly-formats.ts'
import { firstThreadMs } from '../tools/cpu-time.ts'
import { madeUpVocabulary } from './masks.ts'

const V = 65_536
const TOKENS = 12

/** Prints the worst of each, and a line for each format that takes long. */
export async function main([file, only]: readonly string[]): Promise<number> {
  const tokenizer = createWorldTokenizer(
    parseWorldVocabulary(file ? readFileSync(file, 'utf8') : madeUpVocabulary(), file ?? ''),
  )
  const guides = createGuides({ V, eosTokenId: 0, tokenizer: () => tokenizer })
  await guides({ ...defaultSampling, format: { type: 'json' } }) // the vocabulary is sorted once
  const worst = { block: 0, abort: 0, refusal: 0, ready: 0 }
  const counts = { ready: 0, refused: 0 }
  for (const { name, format } of costlyFormats.filter(({ name }) => !only || name.includes(only))) {
    const controller = new AbortController()
    let abortedAt = Infinity
    const work = guides({ ...defaultSampling, format }, controller.signal)
    const ended = work.then(
      () => undefined,
      () => firstThreadMs(),
    )
    await nextTask()
    abortedAt = firstThreadMs()
    controller.abort()
    const endedAt = await ended
    if (endedAt !== undefined) worst.abort = Math.max(worst.abort, endedAt - abortedAt)
    const watch = watchThread()
    const from = firstThreadMs()
    let end = 'ready'
    try {
      const guide = await guides({ ...defaultSampling, format })
      worst.ready = Math.max(worst.ready, firstThreadMs() - from)
      let random = 1
      for (let left = TOKENS; guide && left > 0 && !guide.isOver; left--) {
        const { bits } = await inSlices(guide.mask(400))
        random = (random * 16_807) % 2_147_483_647
        let id = random % V
        for (let tries = 0; tries < V && (((bits[id >>> 5] ?? 0) >>> (id & 31)) & 1) === 0; tries++) id = (id + 1) % V
        if (id === 0) break
        guide.accept(id)
      }
      counts.ready += 1
    } catch (error) {
      end = String(error).slice(0, 110)
      worst.refusal = Math.max(worst.refusal, firstThreadMs() - from)
      counts.refused += 1
    }
    const whole = firstThreadMs() - from
    const block = await watch()
    worst.block = Math.max(worst.block, block)
    if (block > 50 || whole > 200)
      console.log(`${name}: ${whole.toFixed(0)} ms, longest block ${block.toFixed(0)} ms, ${end}`)
  }
  console.log({ ...worst, ...counts })
  return 0
}

/** Ends with the longest time in which no task passed. */
function watchThread(): () => Promise<number> {
  let [longest, last, isOn] = [0, firstThreadMs(), true]
  const look = () => {
    longest = Math.max(longest, firstThreadMs() - last)
    last = firstThreadMs()
  }
  const loop = (async () => {
    while (isOn) {
      look()
      await nextTask()
    }
  })()
  return async () => {
    isOn = false
    await loop
    look()
    return longest
  }
}
