/** @file The rule of `fallbacks.ts`: what is used and lacked must be answered there. */

import { fallbacks, ours } from './fallbacks.ts'
import type { usedInStyles } from './used.ts'

/** What one browser lacks, as `measure.ts` writes it. */
export interface Lacks {
  /** Apart by spaces. */
  readonly names: string
  readonly styles: readonly string[]
}

/** What sources use. */
export interface Used {
  readonly scripts: readonly string[]
  readonly styles: ReturnType<typeof usedInStyles>
}

/** What a browser lacks of what is used. */
export function lackedOf({ scripts, styles }: Used, { names, styles: lacked }: Lacks): string[] {
  const missing = new Set(names.split(' '))
  const isUsed = (style: string) =>
    styles.declarations.includes(style) || styles.names.includes(style.replace(/\(.*/, ''))
  return [...scripts.filter((name) => missing.has(name)), ...lacked.filter(isUsed)]
}

const answered = [...fallbacks.map(({ parts }) => parts), ours].join(' ')

/** True if there is an entry for it. */
export function isAnswered(part: string): boolean {
  return ` ${answered} `.includes(` ${part} `)
}
