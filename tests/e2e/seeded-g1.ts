/** @file A seeded RWKV-7 model as G1's are published, which can be made to think, and whose replies a format forces. */

import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import { goldenFolder7 } from '../tools/golden.ts'
import { vocabularyText } from '../tools/vocabulary-text.ts'

/** One token. */
const thoughts = '>Hm, well.</think>'

/** Weights under the name `path`, and a vocabulary. */
export const seededG1 = async (path: string): Promise<{ path: string; parts: [Buffer] }[]> => [
  { path, parts: [await readFile(`${goldenFolder7}/models/seven128.bf16.pth`)] },
  { path: 'rwkv_vocab.txt', parts: [Buffer.from(vocabularyText([thoughts]))] },
]

/** Until the page is loaded anew it answers in five letters, and where it thinks, it thinks "Hm, well.", a token. */
export async function forceReplies(page: Page): Promise<void> {
  await page.locator('rwkv-chat').evaluate((chat: HTMLElementTagNameMap['rwkv-chat'], token) => {
    const format = { type: 'regex', pattern: '[a-z]{5}' } as const
    chat.sampling = { temperature: 0, maxTokens: 12, format, logitBias: [{ token, bias: 100 }] }
  }, thoughts)
}
