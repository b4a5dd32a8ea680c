/**
 * @file A made-up model as a folder on a server: `fetch` answers ranges of a safetensors file that is never there whole,
 * and gives it a vocabulary of made-up words, so that it can be loaded and asked like any other.
 */

import type { Checkpoint } from '../../src/file/checkpoint.ts'

/** A folder and the `fetch` that knows it. */
export interface ServedCheckpoint {
  readonly url: string
  readonly fetch: typeof globalThis.fetch
}

/** Serve a checkpoint whose tensors lie one after another from offset 0, as those of `createSeededCheckpoint` do. */
export function serveCheckpoint(
  checkpoint: Checkpoint,
  { name: folder = 'model', version = 4 }: { name?: string; version?: number } = {},
): ServedCheckpoint {
  const url = `https://seeded.invalid/${folder}/`
  const tensors = [...checkpoint.tensors.values()]
  const V = tensors.find(({ name }) => name === 'emb.weight')?.shape[0] ?? 0
  const header = headerOf(tensors)
  const byteLength = header.length + checkpoint.byteLength

  /** Bytes `from` … `to - 1` of the file. */
  async function read(from: number, to: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(to - from)
    bytes.set(header.subarray(from, to))
    for (const tensor of tensors) {
      const start = header.length + tensor.offset
      const [first, end] = [Math.max(from, start), Math.min(to, start + tensor.byteLength)]
      if (first < end) bytes.set(await checkpoint.read(tensor, first - start, end - first), first - from)
    }
    return bytes
  }

  const description = {
    name: checkpoint.file,
    architecture: `rwkv-${version}`,
    weights: 'model.safetensors',
    vocabulary: { file: 'vocab.txt', kind: 'world' },
    eos_token_id: 0,
    prompt_format: { user: '{text}', assistant: '', end: '\n\n', stop: [] },
    sampling: {},
    license: 'none',
  }
  const files = new Map([
    ['model.json', () => JSON.stringify(description)],
    ['vocab.txt', () => vocabularyOf(V)],
  ])

  return {
    url,
    async fetch(input, init) {
      const name = String(input).slice(url.length)
      const text = files.get(name)
      if (text) return new Response(text())
      if (name !== 'model.safetensors') return new Response(null, { status: 404 })
      const [, from = '0', last = ''] = /^bytes=(\d+)-(\d+)$/.exec(new Headers(init?.headers).get('range') ?? '') ?? []
      const to = Math.min(Number(last || byteLength - 1) + 1, byteLength)
      return new Response(await read(Number(from), to), {
        status: last ? 206 : 200,
        headers: { 'content-range': `bytes ${from}-${to - 1}/${byteLength}` },
      })
    },
  }
}

function headerOf(tensors: Iterable<{ name: string; shape: readonly number[]; offset: number; byteLength: number }>) {
  const entries = Array.from(tensors, ({ name, shape, offset, byteLength }) => [
    name,
    { dtype: 'F32', shape, data_offsets: [offset, offset + byteLength] },
  ])
  const json = JSON.stringify(Object.fromEntries(entries))
  const length = Math.ceil(json.length / 8) * 8
  const bytes = new Uint8Array(8 + length)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true)
  bytes.set(new TextEncoder().encode(json.padEnd(length)), 8)
  return bytes
}

const LETTERS = 26

/** Ids 1 … V - 1: the single bytes, then words of two, three and four letters, in the order that World files have. */
export function vocabularyOf(V: number): string {
  const lines = Array.from({ length: 256 }, (_, byte) => `${byte + 1} b'\\x${byte.toString(16).padStart(2, '0')}' 1`)
  for (let length = 2; lines.length < V - 1; length++) {
    for (let i = 0; i < LETTERS ** length && lines.length < V - 1; i++) {
      lines.push(`${lines.length + 1} '${wordOf(i, length)}' ${length}`)
    }
  }
  return `${lines.slice(0, V - 1).join('\n')}\n`
}

/** Word `i` of those of `length` letters, in the order of a dictionary. */
function wordOf(i: number, length: number): string {
  return i
    .toString(LETTERS)
    .padStart(length, '0')
    .replace(/./g, (digit) => String.fromCharCode(97 + Number.parseInt(digit, LETTERS)))
}
