/** @file The examples of the README's chapters on sessions, as one program in which later ones see the names of earlier. */

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const readme = readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8')
const chapters = readme.slice(
  readme.indexOf('### Save, rewind and fork conversations'),
  readme.indexOf('## Embed a chat'),
)

/** Each as it stands. */
export const examples = Array.from(chapters.matchAll(/```ts\n([\s\S]*?)```/g), ([, code]) => code)

/** An example in the block of the one before: it sees all names, and may declare them once more. */
export const program = examples.map((code) => `{\n${code}`).join('') + '}'.repeat(examples.length)

/** What they say they print, in order: `// → text`. */
export const promised = Array.from(chapters.matchAll(/^ *console\.log\(.*\) +\/\/ → (.*)$/gm), ([, text]) => text)
