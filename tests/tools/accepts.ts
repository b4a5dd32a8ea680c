/** @file Texts against rules, byte by byte. */

import { type Automaton, createAutomaton } from '../../src/grammar/automaton.ts'
import type { Node } from '../../src/grammar/node.ts'

const automata = new WeakMap<Node, Automaton>()

/** Whether `text`, or a list of bytes, as a whole is what `node` allows. */
export function accepts(node: Node, text: string | Uint8Array): boolean {
  const automaton = automata.get(node) ?? createAutomaton(node)
  automata.set(node, automaton)
  let state = automaton.start
  for (const byte of typeof text === 'string' ? new TextEncoder().encode(text) : text)
    state = automaton.step(state, byte)
  return automaton.accepts(state)
}
