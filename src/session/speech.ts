/**
 * @file What a reply has said: from its ids to the text that is shown, with thoughts apart from the answer, up to a stop
 * text. Text is held back as long as it may be the beginning of one.
 */

import type { ThinkFormat, Thoughts } from '../core/protocol.ts'
import { createDetokenizer } from '../text/detokenizer.ts'
import { withoutLineEnds } from '../text/prompt-format.ts'
import { createStopFinder, type StopFinder } from '../text/stop-text.ts'
import { type Beginning, createThoughtSplitter, type Kept } from '../text/thoughts.ts'
import type { Tokenizer } from '../text/tokenizer.ts'

/** What `createSpeech` takes. */
export interface SpeechParts {
  readonly tokenizer: Tokenizer
  /** Where thoughts stand in front of the answer: how the reply is begun, and what ends it within them. */
  readonly beginning?: (Beginning & Pick<ThinkFormat, 'close'> & { readonly stop: readonly string[] }) | undefined
  /** Texts that end the answer. */
  readonly stop: readonly string[]
  /** More of them, which are looked for behind the white space that it begins with. */
  readonly stopBehindSpace: readonly string[]
  /** Whether line ends at its end are left out of the conversation, which has its own behind a reply. */
  readonly hasParagraphs: boolean
  /** Whether the answer is in a format. */
  readonly hasFormat: boolean
  readonly emit: (piece: string) => void
  readonly onThoughts: (piece: string) => void
}

/** The ids and the text of a reply. */
export interface Speech {
  /** Put `id` behind what was said. True if it completes a stop text. */
  say(id: number): boolean
  /** No more is to come; `stopped`: by a stop text. @returns how many tokens have a part in what was said */
  end(stopped: boolean): number
  /** Whether `id` would complete a stop text. */
  isStop(id: number): boolean
  /** Whether `id` ends the thoughts and brings more with it, which a format of the answer would not see. */
  isAmiss(id: number): boolean
  /** Those whose text lies in front of a stop text. */
  readonly ids: readonly number[]
  /** What each id adds to the text, thoughts and all. */
  readonly pieces: readonly string[]
  /** Whether nothing is held back. */
  readonly isClear: boolean
  /** How many of them are final: no later id can make them part of a stop text. */
  readonly finalCount: number
  /** How many of them belong to the thoughts or the tag around them. */
  readonly thoughtCount: number
  readonly isAnswering: boolean
  readonly answer: string
  readonly thoughts: Thoughts
  /** What of it stands in the conversation. */
  readonly kept: Kept
}

/** Nothing yet. */
export function createSpeech(parts: SpeechParts): Speech {
  const { tokenizer, beginning, stop, stopBehindSpace, hasFormat } = parts
  const ids: number[] = []
  const pieces: string[] = []
  const endsAt: number[] = [] // length of the text after each id; Infinity where it is no place to stop
  let text = '' // thoughts and all
  let answer = ''
  let thoughts = ''
  let thoughtCount = 0
  let hasStopped = false
  // One of what is shown, and one of what is said, which is ahead of it by what is held back.
  const [shown, said] = [0, 1].map(() => beginning && createThoughtSplitter(beginning, beginning.at))
  const isAnswering = () => said?.isAnswering ?? true
  let inFormat = hasFormat && isAnswering()
  const detokenizer = createDetokenizer(tokenizer)
  const answerStops = () => createStopFinder(stop, stopBehindSpace)
  let stopFinder = isAnswering() || !beginning ? answerStops() : createStopFinder(beginning.stop)

  const give = (piece: { readonly thoughts: string; readonly answer: string }) => {
    thoughts += piece.thoughts
    answer += piece.answer
    if (piece.thoughts !== '') parts.onThoughts(piece.thoughts)
    parts.emit(piece.answer)
  }
  const show = (piece: string) => {
    text += piece
    give(shown && !inFormat ? shown.push(piece) : { thoughts: '', answer: piece })
  }
  const countWithin = (length: number) => endsAt.findLastIndex((end) => end <= length) + 1

  /** What is found in `piece`, in which the answer may begin. */
  function find(piece: string): ReturnType<StopFinder['push']> {
    const begun = said && !said.isAnswering ? said.behind(piece) : undefined
    if (said && !said.isAnswering) said.push(piece)
    if (begun === undefined) return stopFinder.push(piece)
    const found = stopFinder.push(piece.slice(0, piece.length - begun.length))
    if (found.stopped) return found
    show(found.text + stopFinder.flush())
    stopFinder = answerStops()
    if (!hasFormat) return stopFinder.push(begun)
    show(begun) // white space, which the format has not seen
    inFormat = true
    return { text: '', stopped: false }
  }

  return {
    say(id) {
      const piece = detokenizer.push(id)
      const isThought = !isAnswering() && piece !== '' && (said?.behind(piece) ?? '').trim() === ''
      const found = find(piece)
      show(found.text)
      ids.push(id)
      pieces.push(piece)
      if (isThought) thoughtCount = ids.length
      const isPlaceToStop = !found.stopped && !detokenizer.midCharacter
      endsAt.push(isPlaceToStop ? text.length + stopFinder.held.length : Infinity)
      return found.stopped
    },
    end(stopped) {
      hasStopped = stopped
      let count = ids.length
      if (stopped) {
        ids.length = countWithin(text.length)
        count = cutAt(pieces, ids.length, text.length - (endsAt[ids.length - 1] ?? 0))
      } else {
        const last = detokenizer.flush()
        show(stopFinder.flush() + last)
        if (last !== '') pieces.push(`${pieces.pop()}${last}`)
      }
      if (shown) give(shown.flush())
      thoughtCount = Math.min(thoughtCount, ids.length)
      return count
    },
    isStop: (id) => stopFinder.isStop(detokenizer.peek(id)),
    isAmiss: (id) => hasFormat && !isAnswering() && (said?.behind(detokenizer.peek(id)) ?? '').trim() !== '',
    ids,
    pieces,
    get isClear() {
      return stopFinder.held === '' && !detokenizer.midCharacter
    },
    get finalCount() {
      return countWithin(text.length)
    },
    get thoughtCount() {
      return thoughtCount
    },
    get isAnswering() {
      return isAnswering()
    },
    get answer() {
      return answer
    },
    get thoughts() {
      return { text: thoughts, tokens: thoughtCount }
    },
    get kept() {
      const closed = parts.hasParagraphs ? withoutLineEnds(text) : text
      if (closed === text && !hasStopped) return { ids, rest: '' }
      const count = countWithin(closed.length)
      return { ids: ids.slice(0, count), rest: closed.slice(endsAt[count - 1] ?? 0) }
    },
  }
}

/** The beginning of `prefix` that is final: ids behind it may be part of a stop text or of half a character. */
export function finalPrefix(prefix: readonly number[], parts: SpeechParts): readonly number[] {
  const speech = createSpeech({ ...parts, emit: () => {}, onThoughts: () => {} })
  let final = 0
  for (const [place, id] of prefix.entries()) {
    if (speech.say(id)) break
    if (speech.isClear) final = place + 1
  }
  return prefix.slice(0, final)
}

/** Cut the pieces from `from` on to `length` in all. @returns where those that have a part in it end */
function cutAt(pieces: string[], from: number, length: number): number {
  let [place, left] = [from, length]
  for (; left > 0; place++) {
    const piece = pieces[place] as string
    pieces[place] = piece.slice(0, left)
    left -= piece.length
  }
  return place
}
