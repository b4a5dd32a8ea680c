/**
 * @file Keeps what is said in a `<rwkv-chat>`: a conversation is written when a message is sent, while its reply grows,
 * and with its state when the reply has ended, so that a reload at any moment loses nothing that was shown for long.
 * Where the user goes back and continues differently, the old continuation is kept as a branch with its own state. So is
 * one that was made in another tab.
 */

import { createTurns } from '../../src/core/turns.ts'
import { withoutAttachments } from '../../src/element/attachments.ts'
import type { ChatMessage, RestoreOptions, RwkvChatElement } from '../../src/element/types.ts'
import { type Branch, type Fork, originOf, tellApart, type Versions, versionsOf } from './branches.ts'
import { branchByteLength, LEAST_BRANCH_BYTES, marksWithin } from './kept-marks.ts'
import type { BranchContent, Change, ConversationEntry, ConversationStore, GrowingContent, PutBack } from './store.ts'
import { cut, titleOf } from './titles.ts'

/** The conversations of one chat. */
export interface Keeper {
  /** Those held with this model, the last changed first. */
  readonly entries: readonly ConversationEntry[]
  /** The one that is shown; undefined for a new one in which nothing was said. */
  readonly currentId: string | undefined
  /** The branch that is shown, or of which a version begins; undefined where a new one begins, in which nothing was said. */
  readonly branchId: string | undefined
  /** Another model is in the chat: its conversations, and a new one. */
  useModel(model: string): Promise<void>
  /**
   * Show a conversation, in the branch that was shown last or in the given one; false if there is none.
   * @throws whatever `<rwkv-chat>.restore` throws; the conversation that was there stays.
   */
  open(id: string, branch?: string): Promise<boolean>
  /** Be again where the conversation was before it went back. @throws as `open` */
  goBack(): Promise<boolean>
  startNew(): Promise<void>
  /** Read the list again: others may be there by now. */
  refresh(): Promise<void>
  rename(id: string, title: string): Promise<void>
  /** Resolves with what puts it back, and shows it if it was shown and nothing else is. */
  remove(id: string): Promise<PutBack>
  /** Say the `place`-th message in other words, with what was attached, as another version of it. @throws as `<rwkv-chat>.rewind` and `send` */
  edit(place: number, words: string): Promise<void>
  /** The versions of the `place`-th message that is shown; undefined if there is one alone. */
  versionsOf(place: number): Versions | undefined
  /** Add one that was held elsewhere, and show it once it is read. @throws as `open`; then nothing was added. */
  add(title: string, content: Content, reading?: RestoreOptions): Promise<void>
}

/** What `createKeeper` takes. */
export interface KeeperOptions {
  readonly chat: RwkvChatElement
  readonly store: ConversationStore
  /** What its model is known by, such as its URL. */
  readonly model: string
  readonly onChange: (keeper: Keeper) => void
  /** Another conversation is shown; undefined for a new one. */
  readonly onSwitch: (id: string | undefined) => void
  /** Another tab changed or removed it: this tab's next messages go to a new branch, or a new conversation. */
  readonly onConflict: () => void
}

type Content = Omit<BranchContent, 'id'>

/** What is shown. Another object each time something else is. */
interface Shown {
  readonly id: string
  readonly branch: string
  /** It has gone back; what is said next is a branch of its own, or another version of what was said. */
  readonly fork?: Fork & Pick<Branch, 'isVersion'>
  readonly kept: Kept
}

/** What the store has of a branch, as far as this tab knows. */
interface Kept {
  stamp?: string | undefined
  messages: number
  /** Of states that the store has. */
  names: readonly string[]
}

const nothingKept = (): Kept => ({ messages: 0, names: [] })

const short = (said: string) => cut(said.replace(/\s+/g, ' ').trim(), 40)

const WRITE_EVERY_MS = 250
const MARKS = { least: 4, most: 100 } // four are those of the last two messages and their replies

/** Watch over `chat`. */
export async function createKeeper(options: KeeperOptions): Promise<Keeper> {
  const { chat, store, model: first, onChange, onSwitch, onConflict } = options
  let model = first
  let entries: readonly ConversationEntry[] = []
  let current: Shown | undefined
  let later: readonly ChatMessage[] = [] // said in it since it was saved
  let isBehind = false // a reply that was saved has become another one since, which nothing is kept of before its end
  let isWriteDue = false
  let marksByteLength = LEAST_BRANCH_BYTES
  void branchByteLength().then((byteLength) => {
    marksByteLength = byteLength
  })
  const writes = createTurns()
  const switches = createTurns()

  const refresh = async () => {
    entries = (await store.list()).filter((entry) => entry.model === model)
    onChange(keeper)
  }
  const others = new BroadcastChannel('rwkv.js conversations') // this page in other tabs
  others.onmessage = () => void refresh()
  const publish = async () => {
    await refresh()
    others.postMessage(null)
  }
  /** Write a branch; false, and nothing is written, if another tab has written or removed it. */
  const write = (
    { branch: id, kept }: Shown,
    as: (content: Pick<BranchContent, 'id' | 'stamp'>) => Promise<string | undefined>,
  ): Promise<boolean> =>
    writes(async () => {
      const stamp = await as({ id, stamp: kept.stamp })
      if (stamp !== undefined) kept.stamp = stamp
      return stamp !== undefined
    })
  const grow = async (content: Omit<GrowingContent, 'id' | 'stamp'>) => {
    if (!current || current.fork || content.later.length === 0) return
    const held = current
    if (!(await write(held, (named) => store.writeLater({ ...named, ...content })))) await part(held)
  }
  const writeLater = () => grow({ later })
  const said = () => chat.messages.filter(({ text }) => text !== '')
  const words = () => chat.messages.map(({ text }) => text).join('\n')

  /** The branch that what is said now belongs to: a new one if the conversation had gone back. */
  function branchOf(held: Shown, begin: string): { readonly shown: Shown; readonly made?: Branch } {
    if (!held.fork) return { shown: held }
    const { isVersion, ...from } = held.fork
    const made = { id: crypto.randomUUID(), from, title: short(begin), ...(isVersion && { isVersion }) }
    const kept = { ...nothingKept(), names: held.kept.names } // branches of a conversation share states
    return { shown: { id: held.id, branch: made.id, kept }, made }
  }

  const withBranch = (entry: ConversationEntry, made: Branch): ConversationEntry => {
    const branches = entry.branches ?? [{ id: entry.id, title: entry.title }]
    const from = made.from && originOf(branches, made.from)
    return { ...entry, branches: [...branches, { ...made, ...(from && { from }) }], branch: made.id }
  }

  function create(shown: Shown, title: string, content: Content): Promise<boolean> {
    const text = words() // as they are now, not when it is written
    const entry = { id: shown.id, title, changedAt: Date.now(), model }
    return write(shown, (named) => store.add(entry, { ...content, ...named }, text))
  }
  function save(shown: Shown, change: Change, content: Content): Promise<boolean> {
    const [text, all] = [words(), said()]
    return write(shown, (named) => store.save(shown.id, change, { ...content, ...named }, text, all))
  }
  /** The branch was changed or removed elsewhere: go on in one of its own, or in a conversation of its own. */
  async function part(held: Shown, saved: Omit<Content, 'later'> = {}): Promise<void> {
    await refresh()
    if (current !== held) return
    const all = said()
    if (!saved.saved) later = all
    const content = { ...saved, later }
    const id = crypto.randomUUID()
    const { messages } = held.kept
    const isThere = entries.some((entry) => entry.id === held.id)
    const shown = { id: isThere ? held.id : id, branch: id, kept: nothingKept() }
    current = shown
    if (isThere) {
      const made = { id, from: { branch: held.branch, messages }, title: short(all[messages]?.text ?? '') }
      await save(shown, (entry) => withBranch(entry, made), content)
    } else await create(shown, titleOf(all[0]?.text ?? ''), content)
    await publish()
    onConflict()
  }

  async function asked(message: ChatMessage): Promise<void> {
    const { text } = message
    if (current) {
      if (!current.fork) later = [...later, message]
      return keepWords(current, titleOf(text))
    }
    later = said()
    const id = crypto.randomUUID()
    current = { id, branch: id, kept: nothingKept() }
    await create(current, titleOf(text), { later })
    return publish()
  }

  /** Without a state: where what is saved is not the beginning of what is shown, all words take its place. */
  async function keepWords(held: Shown, begin: string): Promise<void> {
    const { shown, made } = branchOf(held, begin)
    if (!made && !isBehind) return writeLater()
    later = said()
    current = shown
    isBehind = false
    const change = (entry: ConversationEntry) => (made ? withBranch(entry, made) : entry)
    return (await save(shown, change, { later })) ? publish() : part(shown)
  }

  /** The reply has become longer. */
  function heard(): void {
    const reply = chat.messages.at(-1)
    if (!current || reply?.role !== 'assistant') return
    if (later.length === 0) isBehind = true
    else later = [...(later.at(-1)?.role === 'assistant' ? later.slice(0, -1) : later), reply]
  }

  /** The words of a reply that has ended: its state takes longer to write. */
  function keepEnd(): Promise<void> {
    if (current?.fork) return keepWords(current, beginOf(current))
    return isBehind ? grow({ later: said(), saved: undefined }) : writeLater()
  }

  /** What the conversation begins with where it leaves another branch, if it does. */
  const beginOf = ({ fork }: Shown) => chat.messages[fork?.messages ?? 0]?.text ?? ''

  /** Once the reply under way, if any, has ended. */
  async function keepState(): Promise<void> {
    const [held, covered] = [current, later.length]
    const marks = marksWithin(marksByteLength, chat.info, MARKS)
    const parts = await chat.saveParts({ marks, known: held?.kept.names ?? [] }).catch(() => undefined)
    if (!held || current !== held) return
    if (!parts) return keepWords(held, beginOf(held)) // its model was lost
    const { session: saved, ...states } = parts
    later = later.slice(covered)
    const { shown, made } = branchOf(held, beginOf(held))
    current = shown
    isBehind = false
    const messages = said().length - later.length
    const reply = short(chat.messages.at(-1)?.text ?? '')
    const change = (entry: ConversationEntry) => {
      const { branches, ...rest } = made ? withBranch(entry, made) : entry
      const named = branches && { branches: tellApart(branches, shown.branch, reply) }
      return { ...rest, ...named, changedAt: Date.now() }
    }
    if (!(await save(shown, change, { saved, ...states, later }))) return part(shown, { saved, ...states })
    shown.kept.messages = messages
    shown.kept.names = await store.stateNames(shown.id)
    return publish()
  }

  chat.addEventListener('message', ({ detail }) => {
    const { role, text, attachments } = detail
    if (role === 'user') return void asked({ role, text, ...(attachments && { attachments }) })
    heard()
    void keepEnd()
    void keepState()
  })
  chat.addEventListener('rewind', ({ detail: { messages } }) => {
    if (!current) return
    void writeLater()
    later = []
    isBehind = false
    const isAnew = chat.messages[messages - 1]?.role === 'user' // its reply is made anew
    current = { ...current, fork: { branch: current.branch, messages, ...(isAnew && { isVersion: true }) } }
    onChange(keeper)
  })
  chat.addEventListener('error', () => {
    if (current && isBehind) void keepWords(current, beginOf(current))
  })
  chat.addEventListener('token', () => {
    heard()
    if (isWriteDue) return
    isWriteDue = true
    setTimeout(() => {
      isWriteDue = false
      void writeLater()
    }, WRITE_EVERY_MS)
  })

  /** What is shown next belongs to no conversation yet. */
  const leave = () => {
    void writeLater()
    current = undefined
    later = []
    isBehind = false
  }
  const clear = async () => {
    leave()
    onSwitch(undefined)
    onChange(keeper)
    await chat.clear()
  }

  async function show(id: string, branch: string, content: Content, reading?: RestoreOptions): Promise<void> {
    if (chat.state === 'replying') {
      chat.stop() // what it said while the other one is read would be kept nowhere
      await chat.save().catch(() => {}) // comes behind the last of its words
    }
    let shown = { current, later }
    leave()
    try {
      const { saved, states } = content
      await chat.restore(saved && states ? { session: saved, states } : saved, content.later, reading)
      const kept = { stamp: content.stamp, messages: said().length, names: [...(states?.keys() ?? [])] }
      shown = { current: { id, branch, kept }, later: content.later }
      onSwitch(id)
    } finally {
      ;({ current, later } = shown) // if it was refused, what was there is there still
      onChange(keeper)
    }
  }

  const keeper: Keeper = {
    get entries() {
      return entries
    },
    get currentId() {
      return current?.id
    },
    get branchId() {
      return current?.fork && !current.fork.isVersion ? undefined : current?.branch
    },
    useModel: (next) =>
      switches(async () => {
        model = next
        current = undefined
        later = []
        onSwitch(undefined)
        await refresh()
      }),
    open: (id, wanted) =>
      switches(async () => {
        const entry = entries.find((one) => one.id === id)
        if (!entry) return false
        const branch = wanted ?? entry.branch ?? id
        if (current?.id === id && (wanted === undefined || (current.branch === branch && !current.fork))) return true
        const content = await writes(() => store.read(branch))
        if (!content) return false
        await show(id, branch, content)
        if (branch !== (entry.branch ?? id)) {
          await writes(() => store.change(id, (old) => ({ ...old, branch })))
          await publish()
        }
        return true
      }),
    goBack: async () => current?.fork !== undefined && keeper.open(current.id, current.branch),
    startNew: () => switches(clear),
    refresh,
    async rename(id, title) {
      await writes(() => store.change(id, (entry) => ({ ...entry, title })))
      await publish()
    },
    remove: (id) =>
      switches(async () => {
        const putBack = await writes(() => store.remove(id))
        const wasShown = current?.id === id
        if (wasShown) await clear()
        await publish()
        return async () => {
          await writes(putBack)
          await publish()
          if (wasShown && !current) await keeper.open(id)
        }
      }),
    async edit(place, words) {
      const message = chat.messages[place]
      const { attachments = [] } = message ? withoutAttachments(message) : {}
      await chat.rewind(place)
      if (current?.fork) current = { ...current, fork: { ...current.fork, isVersion: true } }
      onChange(keeper)
      await chat.send(words, attachments)
    },
    versionsOf(place) {
      const { branches } = entries.find(({ id }) => id === current?.id) ?? {}
      return current && branches && versionsOf(branches, current.branch, place)
    },
    add: (title, content, reading) =>
      switches(async () => {
        const id = crypto.randomUUID()
        await show(id, id, content, reading)
        if (current) await create(current, title, content)
        await publish()
        await keepState() // or all of it would be read again the next time
      }),
  }
  await refresh()
  return keeper
}
