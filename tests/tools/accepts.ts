/** @file Texts against rules, byte by byte. */

import type { ReplyFormat } from '../../src/core/protocol.ts'
import { finish } from '../../src/core/slices.ts'
import { type Automaton, createAutomaton } from '../../src/grammar/automaton.ts'
import { compileFormat, createFormat, meterOfFormat } from '../../src/grammar/compile.ts'
import type { Format } from '../../src/grammar/guide.ts'
import { measure } from '../../src/grammar/measure.ts'
import type { Node } from '../../src/grammar/node.ts'
import type { SortedTokens } from '../../src/grammar/tokens.ts'

/** The rules of a format, without giving way. */
export const rulesOf = (format: ReplyFormat): Node => finish(compileFormat(format, meterOfFormat()))

export const automatonOf = (node: Node): Automaton =>
  createAutomaton(node, finish(measure(node, () => true, meterOfFormat())))

/** A format made ready, without giving way. */
export const formatOf = (node: Node, tokens: SortedTokens, eosTokenId: number, mostBytes?: number): Format =>
  finish(createFormat(node, tokens, eosTokenId, meterOfFormat(), mostBytes))

const automata = new WeakMap<Node, Automaton>()

/** Whether `text`, or a list of bytes, as a whole is what `node` allows. */
export function accepts(node: Node, text: string | Uint8Array): boolean {
  const automaton = automata.get(node) ?? automatonOf(node)
  automata.set(node, automaton)
  let state = automaton.start
  for (const byte of typeof text === 'string' ? new TextEncoder().encode(text) : text)
    state = automaton.step(state, byte)
  return automaton.accepts(state)
}
