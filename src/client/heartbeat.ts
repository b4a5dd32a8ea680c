/**
 * @file A worker may go without an event: closed from within, ended by the browser, or caught in a loop. So while calls
 * wait for it, it is asked again and again whether it is there.
 */

import { RwkvError } from '../core/errors.ts'
import type { Guard } from '../core/guard.ts'

const EVERY_MS = 1000
const MOST = 15 // questions without an answer: a thread that is busy for long is not gone

/**
 * `life`, which now also ends when `ask`, a question that a living worker answers soon, has gone unanswered `MOST` times.
 * Questions are counted and not time, so that a page that slept does not take its worker for gone; and only once one was
 * answered, for the worker's script may be long on its way.
 */
export function withHeartbeat(life: Guard, ask: () => Promise<unknown>): Guard {
  let waiting = 0
  let unanswered = Number.NEGATIVE_INFINITY
  let beat: ReturnType<typeof setInterval> | undefined

  function look() {
    if (unanswered === MOST) {
      const message = `The worker of rwkv.js has not answered for ${MOST} s: it was ended, or hangs. Load the model again.`
      return life.end(new RwkvError('worker/gone', message))
    }
    unanswered += 1
    ask().then(
      () => {
        unanswered = 0
      },
      () => {}, // the pending calls get the error
    )
  }

  return {
    async guard(work) {
      if (waiting++ === 0) {
        unanswered = Math.min(unanswered, 0)
        beat = setInterval(look, EVERY_MS)
      }
      try {
        const answer = await life.guard(work)
        unanswered = 0
        return answer
      } finally {
        if (--waiting === 0) clearInterval(beat)
      }
    },
    end: life.end,
    get ended() {
      return life.ended
    },
  }
}
