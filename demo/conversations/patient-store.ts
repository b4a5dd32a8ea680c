/**
 * @file A store that loses nothing where nothing can be written: what was refused stays in memory, is read from there, and
 * is tried again with whatever is written next, and by itself.
 */

import { createTurns } from '../../src/core/turns.ts'
import type { ChatMessage } from '../../src/element/types.ts'
import type {
  BranchContent,
  BranchText,
  Change,
  ConversationEntry,
  ConversationStore,
  GrowingContent,
  PutBack,
} from './store.ts'

/** What `createPatientStore` takes. */
export interface PatientStoreOptions {
  /** A write was refused; told once until all is written again. */
  readonly onTrouble: (error: unknown) => void
  /** All that was refused is written. */
  readonly onWell: () => void
  /** Between two attempts. */
  readonly retryMs?: number
}

/** What is to be written of a branch. */
interface Held {
  /** Of its conversation; undefined where only a reply has grown. */
  readonly entry?: ConversationEntry | undefined
  readonly content?: BranchContent
  readonly text?: string
  readonly words?: readonly ChatMessage[]
  readonly growing?: GrowingContent | undefined
  /** The stamp that the store has, if it has the branch. */
  readonly basis: string | undefined
}

/** `store`, whose writes do not fail. */
export function createPatientStore(store: ConversationStore, options: PatientStoreOptions): ConversationStore {
  const { onTrouble, onWell, retryMs = 5000 } = options
  const turns = createTurns()
  const held = new Map<string, Held>() // by branch
  const changed = new Map<string, ConversationEntry>() // conversations of which only the entry is to be written
  const removed = new Map<string, { putBack?: PutBack }>()
  const given = new Map<string, string>() // stamps of what is held, by branch
  const written = new Map<string | undefined, string>() // the store's stamps by those that were given out meanwhile
  let known: readonly ConversationEntry[] = []
  let isWell = true
  let timer: ReturnType<typeof setTimeout> | undefined

  const stamped = <C extends Pick<BranchContent, 'stamp'>>(content: C): C => ({
    ...content,
    stamp: written.get(content.stamp) ?? content.stamp,
  })
  const entryOf = (id: string) =>
    [...held.values()].find(({ entry }) => entry?.id === id)?.entry ??
    changed.get(id) ??
    (removed.has(id) ? undefined : known.find((entry) => entry.id === id))

  function hold(
    branch: string,
    { stamp, ...more }: Omit<Held, 'basis'> & { readonly stamp: string | undefined },
  ): string {
    const before = held.get(branch)
    const own = crypto.randomUUID()
    const content = more.content && { content: withStates(more.content, before?.content) }
    held.set(branch, { basis: written.get(stamp) ?? stamp, ...before, ...more, ...content })
    given.set(branch, own)
    return own
  }
  /** Write all that is held. @throws what the store refuses it with */
  async function flush(): Promise<void> {
    if (isWell) return
    known = await store.list() // also to see whether it answers
    for (const [id, gone] of removed) {
      gone.putBack = await store.remove(id)
      removed.delete(id)
    }
    for (const [id, entry] of changed) {
      await store.change(id, () => entry)
      changed.delete(id)
    }
    for (const [branch, one] of held) {
      const stamp = await write(branch, one)
      if (stamp !== undefined) written.set(given.get(branch), stamp)
      held.delete(branch)
    }
    clearTimeout(timer)
    isWell = true
    onWell()
  }

  async function write(
    branch: string,
    { entry, content, text = '', words = [], growing, basis }: Held,
  ): Promise<string | undefined> {
    if (!entry || !content) return growing && store.writeLater({ ...growing, stamp: basis })
    const whole = { ...content, ...growing, id: branch, stamp: basis }
    const isNew = basis === undefined && branch === entry.id
    const stamp = isNew
      ? await store.add(entry, whole, text)
      : await store.save(entry.id, () => entry, whole, text, words)
    if (stamp !== undefined) return stamp
    // It was removed or changed in another tab meanwhile: kept beside that.
    const id = crypto.randomUUID()
    const { branches: _, branch: __, ...alone } = entry
    await store.add({ ...alone, id }, { ...whole, id, stamp: undefined }, text)
    return undefined
  }

  function trouble(error: unknown): void {
    if (isWell) onTrouble(error)
    isWell = false
    tryAgain()
  }

  function tryAgain(): void {
    clearTimeout(timer)
    timer = setTimeout(() => void turns(() => flush().catch(tryAgain)), retryMs)
  }

  /** Write, after what is held; if that is refused, do it in memory. */
  const attempt = <T>(real: () => Promise<T>, inMemory: () => T): Promise<T> =>
    turns(async () => {
      try {
        await flush()
        return await real()
      } catch (error) {
        trouble(error)
        return inMemory()
      }
    })

  return {
    async list() {
      known = await store.list().catch((error: unknown) => {
        trouble(error)
        return known
      })
      const all = new Map(known.map((entry) => [entry.id, entry]))
      for (const [id, entry] of changed) all.set(id, entry)
      for (const { entry } of held.values()) if (entry) all.set(entry.id, entry)
      for (const id of removed.keys()) all.delete(id)
      return [...all.values()].sort((a, b) => b.changedAt - a.changedAt)
    },
    async texts() {
      const all = await store.texts().catch((): BranchText[] => [])
      const own = [...held].flatMap(([id, { entry, text }]) =>
        entry && text !== undefined ? [{ id, conversation: entry.id, text }] : [],
      )
      return [...all.filter(({ id }) => !held.get(id)?.entry), ...own]
    },
    async read(branch) {
      const one = held.get(branch)
      const own = one?.content
      const reading = store.read(branch)
      const content = own ? withStates(own, await reading.catch(() => undefined)) : await reading
      return content && { ...content, ...one?.growing, ...(one && { stamp: given.get(branch) }) }
    },
    async stateNames(id) {
      const own = [...held.values()].flatMap(({ entry, content }) =>
        entry?.id === id ? [...(content?.states?.keys() ?? [])] : [],
      )
      return [...new Set([...(await store.stateNames(id).catch(() => [])), ...own])]
    },
    add: (entry, content, text) =>
      attempt(
        () => store.add(entry, content, text),
        () => hold(content.id, { entry, content, text, stamp: content.stamp }),
      ),
    save: (id, change, content, text, words) =>
      attempt(
        () => store.save(id, change, stamped(content), text, words),
        () => {
          const entry = entryOf(id)
          if (!entry) return undefined
          return hold(content.id, {
            entry: change(entry),
            content,
            text,
            words,
            growing: undefined,
            stamp: content.stamp,
          })
        },
      ),
    change: (id, change: Change) =>
      attempt(
        () => store.change(id, change),
        () => {
          const entry = entryOf(id)
          if (!entry) return
          const branch = [...held].find(([, one]) => one.entry?.id === id)
          if (branch) held.set(branch[0], { ...branch[1], entry: change(entry) })
          else changed.set(id, change(entry))
        },
      ),
    writeLater: (content) =>
      attempt(
        () => store.writeLater(stamped(content)),
        () => hold(content.id, { growing: content, stamp: content.stamp }),
      ),
    remove: (id) =>
      attempt(
        () => store.remove(id),
        (): PutBack => {
          const gone: { putBack?: PutBack } = {}
          const mine = [...held].filter(([, { entry }]) => entry?.id === id)
          const change = changed.get(id)
          removed.set(id, gone)
          changed.delete(id)
          for (const [branch] of mine) held.delete(branch)
          return async () => {
            removed.delete(id)
            if (change) changed.set(id, change)
            for (const [branch, one] of mine) held.set(branch, one)
            await gone.putBack?.()
          }
        },
      ),
  }
}

/** `content` with those states that it needs and `older` has. */
function withStates(content: BranchContent, older: BranchContent | undefined): BranchContent {
  const { names, states = [] } = content
  if (!names) return content
  return { ...content, states: new Map([...(older?.states ?? []), ...states].filter(([name]) => names.includes(name))) }
}
