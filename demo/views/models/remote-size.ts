/** @file How large a model is that the page knows by its address alone, asked of the server that has it. */

import { readDownloadSize } from '../../../src/client/download-size.ts'

const HUB_FILE = /^hf:(?<repository>[^/@]+\/[^/@]+)(?:@(?<revision>[^/]+))?\/(?<file>.*[^/])$/

/** Bytes to download from `source`, in its canonical spelling; undefined where nobody says, as of a repository of several. */
export async function remoteSizeOf(source: string): Promise<number | undefined> {
  const { repository, revision = 'main', file } = HUB_FILE.exec(source)?.groups ?? {}
  if (file === undefined) return source.startsWith('hf:') ? undefined : readDownloadSize(source)
  const path = file.split('/').map(encodeURIComponent).join('/')
  return readDownloadSize(`https://huggingface.co/${repository}/resolve/${encodeURIComponent(revision)}/${path}`)
}
