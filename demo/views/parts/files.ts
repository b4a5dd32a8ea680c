/** @file Bytes out of the page: into a file, or to whatever the system shares with. */

import { element } from '../../panels/dom.ts'

/** Offer `file` as a download. */
export function saveFile(file: File): void {
  const url = URL.createObjectURL(file)
  element('a', { href: url, download: file.name }).click()
  URL.revokeObjectURL(url)
}

/** Hand `file` to the system's share sheet; where there is none for such files, save it. */
export async function shareFile(file: File): Promise<void> {
  if (!navigator.canShare?.({ files: [file] })) return saveFile(file)
  try {
    await navigator.share({ files: [file], title: file.name })
  } catch (error) {
    if ((error as DOMException).name !== 'AbortError') throw error // the reader has changed their mind
  }
}

/** A file name of any words. */
export function fileNameOf(words: string, extension: string): string {
  const stem = words
    .trim()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 60)
  return `${stem || 'rwkv'}${extension}`
}
