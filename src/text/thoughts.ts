/**
 * @file Thoughts of a reply: what stands in front of its answer, in tags. The reply is begun for the model, which says the
 * last character of the tag itself, since it may be one token with what follows.
 */

import { overlap } from '../core/overlap.ts'
import type { ThinkFormat, Thinking } from '../core/protocol.ts'
import { createDetokenizer } from './detokenizer.ts'
import type { Tokenizer } from './tokenizer.ts'

/** How a reply is begun. */
export interface Beginning {
  /** What it is begun with. */
  readonly text: string
  /** Where its next text stands: behind the thoughts, within them, or at the end of the tag in front of either. */
  readonly at: 'answer' | 'thoughts' | 'empty thoughts'
}

/** How a reply that is to think or not is begun; where its answer `isGuided` by a format, no end of a tag is in its way. */
export function beginningOf(think: ThinkFormat, thinks: boolean, isGuided: boolean): Beginning {
  const { open, skip, close } = think
  if (thinks) return { text: open, at: 'thoughts' }
  if (!isGuided) return { text: skip, at: 'empty thoughts' }
  return { text: skip + close.slice(overlap(skip, close)), at: 'answer' }
}

/** What stands behind a user's message to say how long the model is to think. */
export function hintOf(think: ThinkFormat | undefined, thinking: Thinking): string {
  if (!think || !thinking) return ''
  return thinking === true ? think.on : thinking === 'a bit' ? think.aBit : think.aLot
}

/** A piece of a reply, taken apart. */
export interface SplitPiece {
  readonly thoughts: string
  readonly answer: string
}

/** Takes the text of a reply apart, without white space around thoughts and answer. */
export interface ThoughtSplitter {
  push(piece: string): SplitPiece
  /** What was held back of the thoughts, once no more is to come: it was not the end of them. */
  flush(): SplitPiece
  /** What of `piece` belongs to the answer, if that is reached; nothing changes. */
  behind(piece: string): string | undefined
  readonly isAnswering: boolean
  /** What was held back: white space at the end of a part, and what may be the beginning of its end. */
  readonly held: string
}

/** A splitter for a reply that was begun so. */
export function createThoughtSplitter({ close }: Pick<ThinkFormat, 'close'>, begun: Beginning['at']): ThoughtSplitter {
  const endOfTag = close.slice(-1)
  let at: 'tag' | 'thoughts' | 'answer' = begun === 'answer' ? 'answer' : 'tag'
  let held = ''
  let hasBegun = false // the part that it is in

  /** What is certain of the part; `rest` of the text is not. */
  const part = (text: string, rest = 0) => {
    const certain = text.slice(0, text.length - rest).trimEnd()
    held = text.slice(certain.length)
    const shown = hasBegun ? certain : certain.trimStart()
    hasBegun ||= shown !== ''
    return shown
  }

  return {
    push(piece) {
      if (piece === '') return { thoughts: '', answer: '' }
      let text = held + piece
      if (at === 'tag') {
        if (text.startsWith(endOfTag)) text = text.slice(endOfTag.length)
        at = begun === 'thoughts' ? 'thoughts' : 'answer'
      }
      if (at === 'answer') return { thoughts: '', answer: part(text) }
      const end = text.indexOf(close)
      if (end < 0) return { thoughts: part(text, overlap(text, close)), answer: '' }
      const thoughts = part(text.slice(0, end))
      at = 'answer'
      hasBegun = false
      return { thoughts, answer: part(text.slice(end + close.length)) }
    },
    flush: () => ({ thoughts: at === 'thoughts' ? part(held) : '', answer: '' }),
    behind(piece) {
      const text = held + piece
      if (at === 'answer' || piece === '') return at === 'answer' ? piece : undefined
      if (at === 'tag' && begun === 'empty thoughts')
        return text.startsWith(endOfTag) ? text.slice(endOfTag.length) : text
      const end = text.indexOf(close)
      return end < 0 ? undefined : text.slice(end + close.length)
    },
    get isAnswering() {
      return at === 'answer'
    },
    get held() {
      return held
    },
  }
}

/** A reply in a conversation: ids, and the text of part of an id behind them. */
export interface Kept {
  readonly ids: readonly number[]
  readonly rest: string
}

/**
 * A reply as it stands in the conversation without its thoughts: its ids as they were drawn, but for the first of the
 * answer, in front of which is one space.
 */
export function answerOf({ ids, rest }: Kept, tokenizer: Tokenizer, splitter: ThoughtSplitter): Kept {
  const detokenizer = createDetokenizer(tokenizer)
  let answer = ''
  for (const [place, id] of ids.entries()) {
    answer += splitter.push(detokenizer.push(id)).answer
    if (answer !== '' && !detokenizer.midCharacter)
      return { ids: [...tokenizer.encode(` ${answer}${splitter.held}`), ...ids.slice(place + 1)], rest }
  }
  const said = answer + splitter.push(rest).answer
  return { ids: [], rest: said === '' ? '' : ` ${said}` }
}
