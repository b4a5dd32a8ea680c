/** @file The examples of the guide to conversations, as one program in which later ones see the names of earlier. */

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const guide = readFileSync(fileURLToPath(new URL('../../docs/conversations.md', import.meta.url)), 'utf8')

/** Each as it stands. */
export const examples = Array.from(guide.matchAll(/```ts\n([\s\S]*?)```/g), ([, code]) => code)

/** An example in the block of the one before: it sees all names, and may declare them once more. */
export const program = examples.map((code) => `{\n${code}`).join('') + '}'.repeat(examples.length)

/** What they say they print, in order: `// → text`. */
export const promised = Array.from(guide.matchAll(/^ *console\.log\(.*\) +\/\/ → (.*)$/gm), ([, text]) => text)
