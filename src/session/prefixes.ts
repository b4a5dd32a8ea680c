/**
 * @file What was read before need not be read again: states by the ids they have seen, in a trie, so that a system prompt,
 * a document or the start of a conversation is computed once for all sessions of a model.
 */

import type { KeptState } from './kept-states.ts'

/** A state and how much of the ids it has seen. */
export interface KnownPrefix {
  /** Ids. */
  readonly length: number
  /** To be restored at once: it may be forgotten later. */
  readonly state: KeptState
}

/** A reply as it went through the model. */
export interface KnownReply {
  /** Those that were said. */
  readonly ids: readonly number[]
  /** And the end of the turn behind them. */
  readonly all: readonly number[]
}

/** The states that sessions share. Beyond its bound the ones that were not used for longest are forgotten. */
export interface Prefixes {
  /** The state that has seen the longest beginning of `ids`. */
  find(ids: readonly number[]): KnownPrefix | undefined
  /** `state` has seen `ids`. It is taken over. */
  add(ids: readonly number[], state: KeptState): void
  /** A text is not always encoded as the ids it was drawn in: remember them beside it. */
  addReply(text: string, reply: KnownReply): void
  findReply(text: string): KnownReply | undefined
  /** How many states are held, and how often one was found. */
  readonly size: number
  readonly hits: number
}

/** A place in the trie; the edge to it is as long as nothing branches off. */
interface Node {
  edge: readonly number[]
  parent: Node | undefined
  readonly below: Map<number, Node>
  state: KeptState | undefined
}

/** None yet. `most` bounds states and replies. */
export function createPrefixes(most: number): Prefixes {
  const root: Node = { edge: [], parent: undefined, below: new Map(), state: undefined }
  const used = new Set<Node>() // those with a state, the one used last at the end
  const replies = new Map<string, KnownReply>()
  let hits = 0

  const touch = (node: Node) => {
    used.delete(node)
    used.add(node)
  }

  /** The node for exactly `ids`, made if there is none. */
  function nodeAt(ids: readonly number[]): Node {
    let node = root
    let at = 0
    while (at < ids.length) {
      const next = node.below.get(ids[at] as number)
      if (!next) return link(node, { edge: ids.slice(at), parent: node, below: new Map(), state: undefined })
      const common = commonLength(next.edge, ids, at)
      node = common < next.edge.length ? split(next, common) : next
      at += common
    }
    return node
  }

  /** A node within the edge to `node`, `length` ids from its beginning. */
  function split(node: Node, length: number): Node {
    const parent = node.parent as Node
    const middle: Node = { edge: node.edge.slice(0, length), parent, below: new Map(), state: undefined }
    link(parent, middle)
    node.edge = node.edge.slice(length)
    node.parent = middle
    link(middle, node)
    return middle
  }

  function link(parent: Node, node: Node): Node {
    parent.below.set(node.edge[0] as number, node)
    return node
  }

  function forget(node: Node): void {
    used.delete(node)
    node.state?.release()
    node.state = undefined
    tidy(node)
  }

  /** Nodes that hold nothing and where nothing branches are no nodes. */
  function tidy(node: Node): void {
    const { parent } = node
    if (!parent || node.state) return
    const [only] = node.below.values()
    if (!only) {
      parent.below.delete(node.edge[0] as number)
      tidy(parent)
    } else if (node.below.size === 1) {
      only.edge = [...node.edge, ...only.edge]
      only.parent = parent
      link(parent, only)
    }
  }

  return {
    find(ids) {
      let node = root
      let at = 0
      let found: { node: Node; length: number } | undefined
      while (at < ids.length) {
        const next = node.below.get(ids[at] as number)
        if (!next || commonLength(next.edge, ids, at) < next.edge.length) break
        node = next
        at += next.edge.length
        if (node.state) found = { node, length: at }
      }
      if (!found?.node.state) return undefined
      touch(found.node)
      hits += 1
      return { length: found.length, state: found.node.state }
    },
    add(ids, state) {
      const node = ids.length > 0 ? nodeAt(ids) : undefined
      if (!node || node.state) state.release()
      else node.state = state
      if (node) touch(node)
      const [oldest] = used
      if (oldest && used.size > most) forget(oldest)
    },
    addReply(text, reply) {
      replies.delete(text)
      replies.set(text, reply)
      const [oldest] = replies.keys()
      if (oldest !== undefined && replies.size > most) replies.delete(oldest)
    },
    findReply: (text) => replies.get(text),
    get size() {
      return used.size
    },
    get hits() {
      return hits
    },
  }
}

/** How many ids of `edge` stand in `ids` from `at` on. */
function commonLength(edge: readonly number[], ids: readonly number[], at: number): number {
  let length = 0
  while (length < edge.length && edge[length] === ids[at + length]) length += 1
  return length
}
