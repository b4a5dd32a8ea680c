/** @file Work under way: how far it is, in a bar and in words, and buttons to act on it. */

import { button, element } from '../../panels/dom.ts'

/** How far some work is. */
export interface Step {
  readonly done: number
  /** 0 while not known. */
  readonly total: number
  readonly words: string
}

/** The bar of some work. Hidden until something is shown. */
export interface Work {
  readonly element: HTMLElement
  show(step: Step): void
  hide(): void
}

/** A bar called `label` for screen readers, with buttons beside its words. */
export function createWork(label: string, ...buttons: readonly HTMLButtonElement[]): Work {
  const bar = element('progress', { 'aria-label': label })
  const words = element('p', {})
  const root = element(
    'div',
    { class: 'work', hidden: true },
    bar,
    words,
    element('span', { class: 'row' }, ...buttons),
  )
  return {
    element: root,
    show({ done, total, words: said }) {
      root.hidden = false
      if (total > 0) {
        bar.max = total
        bar.value = done
      } else bar.removeAttribute('value')
      words.textContent = said
    },
    hide() {
      root.hidden = true
    },
  }
}

/** A button that begins work, and a bar with one that ends it: one run at a time. */
export interface Run {
  readonly start: HTMLButtonElement
  readonly work: Work
  /** Where the run ended badly, why. */
  readonly failed: HTMLElement
  /** As the button does. */
  begin(): Promise<void>
}

/** What `createRun` takes. */
export interface RunOptions {
  readonly label: string
  readonly cancelLabel: string
  /** Rejects when the signal is aborted, or says why it failed; an abort is no failure. */
  readonly run: (signal: AbortSignal, show: (step: Step) => void) => Promise<void>
  readonly describe: (error: unknown) => string
}

/** Long work of a view, which can always be cancelled. */
export function createRun({ label, cancelLabel, run, describe }: RunOptions): Run {
  let ending: AbortController | undefined
  const start = button(label, () => void begin(), { class: 'primary' })
  const work = createWork(
    label,
    button(cancelLabel, () => ending?.abort(), { class: 'small' }),
  )
  const failed = element('p', { class: 'failed', role: 'alert', hidden: true })

  async function begin(): Promise<void> {
    if (ending) return
    const mine = new AbortController()
    ending = mine
    start.disabled = true
    failed.hidden = true
    try {
      await run(mine.signal, work.show)
    } catch (error) {
      if (!mine.signal.aborted) {
        failed.textContent = describe(error)
        failed.hidden = false
      }
    } finally {
      ending = undefined
      start.disabled = false
      work.hide()
    }
  }
  return { start, work, failed, begin }
}

/** `run`, while which another cannot be begun by its button: two at once would time each other. */
export const alone =
  (others: () => HTMLButtonElement, run: RunOptions['run']): RunOptions['run'] =>
  async (signal, show) => {
    const other = others()
    other.disabled = true
    try {
      await run(signal, show)
    } finally {
      other.disabled = false
    }
  }
