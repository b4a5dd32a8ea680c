import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { type ErrorCode, RwkvError } from '../../src/core/errors.ts'
import type { LoadOptions, ModelSource } from '../../src/core/protocol.ts'
import type { TensorSpec } from '../../src/core/tensor-spec.ts'
import { weightByteLength } from '../../src/core/tensor-spec.ts'
import { openModel } from '../../src/engine/open-model.ts'
import { createProgress } from '../../src/engine/progress.ts'
import { GGUF_TYPES } from '../../src/file/gguf-blocks.ts'
import { parseGgufHeader } from '../../src/file/gguf-header.ts'
import { checkMemory } from '../../src/forward/memory.ts'
import type { Gpu } from '../../src/gpu/device.ts'
import { encodeWeights } from '../../src/model/prepare.ts'
import { planWeights } from '../../src/model/weight-plan.ts'
import { architectures } from '../../src/rwkv/index.ts'
import { tensorsOf } from '../../src/rwkv/tensors.ts'
import { createStore, type Store } from '../../src/store/store.ts'
import { decode } from '../../src/text/detokenizer.ts'
import { huggingFaceName, rwkv4Tensors, SMALL } from '../model/rwkv4-tensors.ts'
import { tinyBpe } from '../tools/bpe-json.ts'
import { cpuMs } from '../tools/cpu-time.ts'
import { createFakeDirectory } from '../tools/fake-directory.ts'
import { buildGguf, type GgufEntry, text as ggufText, u32 } from '../tools/gguf-bytes.ts'
import { goldenFolder7 } from '../tools/golden.ts'
import { startHubServer } from '../tools/hub-server.mjs'
import { buildPth, type PthTensor } from '../tools/pth-bytes.ts'
import { buildSafetensors, type TensorToWrite } from '../tools/safetensors-bytes.ts'
import { worldVocabulary } from '../tools/world-text.ts'

const text = (value: string) => new TextEncoder().encode(value)
const V = 257 // ids of the tiny World vocabulary: the end, and 256 bytes
const tensors = rwkv4Tensors({ ...SMALL, V })
const weights = buildSafetensors(tensors)
const pth = buildPth(
  tensors.map(({ name, shape }): PthTensor => ({ name, shape, type: 'HalfStorage', data: zeros(shape) })),
)
function zeros(shape: readonly number[]): Uint8Array {
  return new Uint8Array(2 * shape.reduce((product, size) => product * size, 1))
}
const description = {
  name: 'tiny',
  architecture: 'rwkv-4',
  weights: 'm.safetensors',
  vocabulary: { file: 'v.txt', kind: 'world' },
  eos_token_id: 0,
  prompt_format: { user: '{text}', assistant: '', end: '', stop: [] },
  license: 'Apache-2.0',
}

type Files = Readonly<Record<string, Uint8Array<ArrayBuffer> | string>>
const filesOf = (files: Files) => Object.entries(files).map(([name, content]) => new File([content], name))
const unreachable: typeof fetch = () => Promise.reject(new TypeError('offline'))
const open = async (source: ModelSource, options: LoadOptions = {}, fetcher = unreachable, store?: Store) => {
  const progress = createProgress({ now: () => 0 })
  const opened = await openModel({ source, options, architectures, fetch: fetcher, store, progress })
  return { ...opened, found: await opened.found }
}
const keptInMemory = () => createStore({ open: async () => createFakeDirectory().directory })

let server: Awaited<ReturnType<typeof startHubServer>> | undefined
afterEach(async () => server?.close())
const serve = async (files: Files) => {
  const list = Object.entries(files).map(([path, content]) => ({
    path,
    parts: [typeof content === 'string' ? text(content) : content],
  }))
  server = await startHubServer({ repository: 'a/b', files: list })
  return server
}

test('whatever is given as an address is refused with an error of ours', { timeout: 120_000 }, async () => {
  const part = fc.oneof(
    fc.constantFrom(
      'hf:',
      'http://',
      'https://huggingface.co/',
      '//',
      ':',
      '/',
      '@',
      '%',
      '%zz',
      '#',
      '?',
      '..',
      '[',
      ' ',
    ),
    fc.constantFrom('owner/repo', 'blob', 'resolve/main', 'm.pth', 'm.safetensors', 'model.json', '\ud800', '\0', 'é'),
    fc.string({ unit: 'binary', maxLength: 4 }),
  )
  const address = fc.array(part, { maxLength: 6 }).map((parts) => parts.join(''))
  const notFound: typeof fetch = async () => new Response('nothing', { status: 404 })
  const law = fc.asyncProperty(address, fc.constantFrom(notFound, unreachable), async (source, fetcher) => {
    const error = await open(source, {}, fetcher).then(
      () => 'opened',
      (error: unknown) => error,
    )
    expect(error).toBeInstanceOf(RwkvError)
  })
  await fc.assert(law, { numRuns: 1000, seed: 4 })
})

test.each(['http://[', 'https://elsewhere.example/list'])(
  'a list of files that goes on at %s is no answer of the Hub',
  async (next) => {
    const listed: typeof fetch = async () => new Response('[]', { headers: { link: `<${next}>; rel="next"` } })
    await expect(open('hf:a/b', {}, listed)).rejects.toMatchObject({
      code: 'hub/answer',
      message: expect.stringContaining(`a page at ${next}`),
    })
  },
)

describe('the files of a model are found', () => {
  const half = (which: number) => buildSafetensors(tensors.filter((_, i) => i % 2 === which))
  const index = JSON.stringify({
    weight_map: Object.fromEntries(tensors.map(({ name }, i) => [name, `s${i % 2}.safetensors`])),
  })
  const huggingFace = tensors.map((tensor): TensorToWrite => ({ ...tensor, name: huggingFaceName(tensor.name) }))
  test.each<[string, Files, string]>([
    ['a .pth and a vocabulary', { 'RWKV.pth': pth, 'my_vocab.txt': worldVocabulary() }, 'RWKV'],
    ['one model in two formats', { 'm.pth': new Uint8Array(3), 'm.st': weights, 'vocab.txt': worldVocabulary() }, 'm'],
    ['safetensors and a tokenizer.json', { 'm.safetensors': wide(263), 'tokenizer.json': tinyBpe() }, 'm'],
    [
      'a description',
      { 'model.json': JSON.stringify(description), 'm.safetensors': weights, 'v.txt': worldVocabulary() },
      'tiny',
    ],
    [
      'shards with an index',
      {
        'model.safetensors.index.json': index,
        's0.safetensors': half(0),
        's1.safetensors': half(1),
        'vocab.txt': worldVocabulary(),
      },
      'model.safetensors.index.json',
    ],
    [
      'shards without one',
      {
        'm-00001-of-00002.safetensors': half(0),
        'm-00002-of-00002.safetensors': half(1),
        'vocab.txt': worldVocabulary(),
      },
      'm-00001-of-00002',
    ],
    [
      'a Hugging Face folder',
      { 'config.json': '{}', 'pytorch_model.bin': buildSafetensors(huggingFace), 'vocab.txt': worldVocabulary() },
      'pytorch_model.bin',
    ],
  ])('among %s that were dropped', async (_, files, name) => {
    const { found, config, description: told, checkpoint } = await open(filesOf(files))
    expect(config).toMatchObject({ L: SMALL.L, C: SMALL.C })
    expect(found.tokenizer && decode(found.tokenizer, found.tokenizer.encode('hé'))).toBe('hé')
    expect(told.name.startsWith(name.replace('.bin', ''))).toBe(true)
    expect(checkpoint.tensors.size).toBe(tensors.length)
  })

  test('in a folder on a server, with or without a description, and on the Hub', async () => {
    const described = {
      'model.json': JSON.stringify(description),
      'm.safetensors': weights,
      'v.txt': worldVocabulary(),
    }
    const { fileUrl, url } = await serve({ ...described, 'plain/pytorch_model.bin': pth })
    expect((await open(fileUrl(''), {}, fetch)).found.tokenizer).toBeDefined()
    expect((await open(fileUrl('plain/'), {}, fetch)).description.name).toBe('plain')
    expect((await open('hf:a/b', { hubUrl: url }, fetch)).description.name).toBe('tiny')
    expect((await open('hf:a/b/plain/pytorch_model.bin', { hubUrl: url }, fetch)).description.name).toBe('plain')
  })

  test('weights alone have no tokenizer, and say which they want', async () => {
    const plain = await open(filesOf({ 'm.pth': pth }))
    expect(plain.found.missing).toMatch(/a vocabulary of 257 tokens/)
    const { found } = await open(filesOf({ 'RWKV-4-World.pth': wide(65_536) }))
    expect(found.missing).toMatch(/RWKV World vocabulary.*could not be fetched: .*offline/s)
    const pile = await open(filesOf({ 'pile.pth': wide(50_277) }))
    expect(pile.found.missing).toMatch(/GPT-NeoX 20B tokenizer/)
  })

  test('a World vocabulary that is cut off on its way is missing like one that cannot be had', async () => {
    const headers = { 'content-range': 'bytes 0-262143/1093733' }
    const cut: typeof fetch = async (_, options) =>
      new Headers(options?.headers).get('range') === 'bytes=0-262143' && asked++ === 0
        ? new Response(new Uint8Array(262_144), { status: 206, headers })
        : new Response('gone', { status: 404 })
    let asked = 0
    const { found } = await open(filesOf({ 'RWKV-4-World.pth': wide(65_536) }), {}, cut, keptInMemory())
    expect(found.missing).toMatch(/could not be fetched: .*404/s)
  })

  test('what an object URL stands for is read and not kept', async () => {
    const store = keptInMemory()
    const opened = await open('blob:https://page/1f0e', {}, async () => new Response(weights), store)
    await opened.prepare()
    expect(opened.checkpoint.tensors.size).toBe(tensors.length)
    expect(await store.list()).toEqual([])
  })

  test('a vocabulary of the user goes before all others', async () => {
    const vocabulary = new File([worldVocabulary()], 'mine.txt')
    expect((await open(filesOf({ 'm.pth': pth }), { vocabulary })).found.tokenizer?.size).toBe(V)
  })
})

test('a model is open before its vocabulary is read, and weights wait until that fits', async () => {
  const files = { 'model.json': JSON.stringify(description), 'm.safetensors': weights, 'v.txt': 'no vocabulary' }
  const { url } = await serve(files)
  let give = () => {}
  const given = new Promise<void>((settle) => {
    give = settle
  })
  const asked: string[] = []
  const fetcher: typeof fetch = async (address, options) => {
    asked.push(String(address).replace(/^.*\//, ''))
    if (String(address).endsWith('v.txt')) await given
    return fetch(address, options)
  }
  const [source, options] = ['hf:a/b', { hubUrl: url }]
  const progress = createProgress({ now: () => 0 })
  const store = keptInMemory()
  const opened = await openModel({ source, options, architectures, fetch: fetcher, store, progress })
  expect(opened.config.V).toBe(V)
  const fetched = opened.prepare()
  give()
  await expect(fetched).rejects.toMatchObject({ code: 'text/vocabulary' })
  await expect(opened.found).rejects.toMatchObject({ code: 'text/vocabulary' })
  expect(asked.filter((name) => name === 'm.safetensors')).toHaveLength(1) // for its table of tensors
})

describe('the World vocabulary as JSON', () => {
  const words: Record<string, string | number[]> = {}
  for (let byte = 0; byte < 256; byte++) words[byte + 1] = byte < 128 ? String.fromCharCode(byte) : [byte]
  const json = JSON.stringify(words)
  test.each<[string, Files, LoadOptions]>([
    ['beside the weights', { 'm.pth': pth, 'rwkv_vocab_v20230424.json': json }, {}],
    ['as `vocabulary`', { 'm.pth': pth }, { vocabulary: new File([json], 'words.json') }],
    ['as bytes without a name', { 'm.pth': pth }, { vocabulary: text(json) }],
    [
      'by a description',
      {
        'model.json': JSON.stringify({ ...description, vocabulary: { file: 'v.json', kind: 'world' } }),
        'm.safetensors': weights,
        'v.json': json,
      },
      {},
    ],
  ])('opens %s', async (_, files, options) => {
    const { found } = await open(filesOf(files), options)
    const ids = found.tokenizer?.encode('hé') ?? []
    expect(ids).toEqual([105, 196, 170])
    expect(found.tokenizer && decode(found.tokenizer, ids)).toBe('hé')
  })
})

describe('a file beside the model', () => {
  const content = new Uint8Array(9).fill(7)

  test('is kept with it, found without a connection, and goes with it', async () => {
    const { url } = await serve({ 'm/m.pth': pth, 'tuned.pth': content })
    const store = keptInMemory()
    const opened = await open('hf:a/b/m/m.pth', { hubUrl: url }, fetch, store)
    opened.dispose()
    const source = await opened.openBeside('initialState', 'https://huggingface.co/a/b/blob/main/tuned.pth')
    expect(await source.read(0, 9)).toEqual(content)
    expect(await store.list()).toMatchObject([{ model: 'hf:a/b/m/m.pth', files: [{ name: 'tuned.pth' }] }])
    await server?.close()
    const later = await opened.openBeside('initialState', 'hf:a/b/tuned.pth')
    expect(await later.read(0, 9)).toEqual(content)
    await store.remove('hf:a/b/m/m.pth')
    expect(await store.list()).toEqual([])
  })

  test('may be bytes, a Blob or a file, and is named by its option where it is none', async () => {
    const opened = await open(filesOf({ 'm.pth': pth }))
    for (const given of [content, content.buffer, new Blob([content]), new File([content], 'tuned.pth')])
      expect(await (await opened.openBeside('initialState', given)).read(0, 9)).toEqual(content)
    await expect(opened.openBeside('initialState', 'https://page/folder/')).rejects.toMatchObject({
      code: 'option/invalid',
      message: expect.stringMatching(/^initialState is https:\/\/page\/folder\//),
    })
  })
})

describe('bytes without a file', () => {
  test.each<[string, ModelSource]>([
    ['a Blob', new Blob([weights])],
    ['an ArrayBuffer', weights.slice().buffer],
    ['a Uint8Array within a larger buffer', new Uint8Array([...new Uint8Array(8), ...weights]).subarray(8)],
    ['a DataView', new DataView(weights.slice().buffer)],
    ['shared memory', new Uint8Array(new SharedArrayBuffer(weights.length)).fill(0)],
  ])('%s is weights', async (kind, source) => {
    if (kind === 'shared memory') (source as Uint8Array).set(weights)
    const opened = await open(source, { vocabulary: new Blob([worldVocabulary()]) })
    expect([opened.config.C, opened.description.name, opened.found.tokenizer?.size]).toEqual([SMALL.C, 'model', V])
  })

  test.each<[unknown, RegExp]>([
    [null, /is null; expected an address/],
    [undefined, /is undefined/],
    [7, /is a number/],
    [{ name: 'm.pth' }, /is Object/],
    [new Response('x'), /is Response/],
    [[new Blob(['x'])], /holds Blob/],
    [['m.pth'], /holds a string/],
  ])('%o is none, and is told by what it is', async (source, message) => {
    const refusal = { code: 'option/invalid', message: expect.stringMatching(message) }
    await expect(open(source as ModelSource)).rejects.toMatchObject(refusal)
  })
})

describe('shards', () => {
  const names = ['m-00001-of-00002.st', 'm-00002-of-00002.st'] as const
  const half = (which: number) => buildSafetensors(tensors.filter((_, i) => i % 2 === which))
  const both = { [names[0]]: half(0), [names[1]]: half(1) }

  test('are all opened where one is named, if they lie beside it', async () => {
    const { url, fileUrl } = await serve(both)
    for (const source of [`hf:a/b/${names[1]}`, fileUrl(names[0])])
      expect((await open(source, { hubUrl: url }, fetch)).checkpoint.tensors.size).toBe(tensors.length)
  })

  test.each([0, 1])('of which one is missing name it, from every source: %i', async (present) => {
    const missing = names[1 - present] as string
    const index = JSON.stringify({ weight_map: Object.fromEntries(tensors.map(({ name }, i) => [name, names[i % 2]])) })
    const files = { [names[present] as string]: half(present) }
    const indexed = { ...files, 'model.safetensors.index.json': index }
    const { url, fileUrl } = await serve({ ...files, 'indexed/model.safetensors.index.json': index })
    const sources = [
      filesOf(files),
      filesOf(indexed),
      filesOf(files)[0] as File,
      'hf:a/b',
      fileUrl(names[present] as string),
      fileUrl('indexed/'),
    ]
    const message = expect.stringMatching(/^A shard of the model is missing: m-0000[12]-of-00002\.st/)
    for (const source of sources)
      await expect(open(source, { hubUrl: url }, fetch)).rejects.toMatchObject({ code: 'file/not-found', message })
    await expect(open(filesOf(files))).rejects.toThrow(missing)
  })
})

describe('.st is safetensors', () => {
  const files = { 'm.st': weights, 'vocab.txt': worldVocabulary() }
  test('alone, beside its vocabulary, and in a repository', async () => {
    const { url, fileUrl } = await serve(files)
    expect((await open(new File([weights], 'm.st'))).description.name).toBe('m')
    for (const source of [filesOf(files), 'hf:a/b', 'hf:a/b/m.st']) {
      const { found, description } = await open(source, { hubUrl: url }, fetch)
      expect([found.tokenizer?.size, description.name]).toEqual([V, 'm'])
    }
    expect((await open(fileUrl('m.st'), {}, fetch)).description.name).toBe('m')
  })
})

describe('how a model without a description chats', () => {
  const [world, raven, plain] = ['Question: {text}\n\n', 'Bob: {text}\n\n', '{text}']
  const told = async (source: ModelSource, options?: LoadOptions) => {
    const { description, warnings } = await open(source, options, fetch)
    return { user: description.promptFormat.user, warnings }
  }

  test.each([
    ['RWKV-4-World-0.1B.pth', 65_536, world],
    ['RWKV-4-World-0.1B.st', V, world],
    ['RWKV-4-Raven-7B.pth', 50_277, raven],
    ['RWKV-4-Pile-169M.pth', 50_277, plain],
  ])('is said by the name of its file: %s of %i ids', async (name, rows, user) => {
    expect(await told(new File([wide(rows)], name))).toEqual({ user, warnings: [] })
  })

  test.each([
    ['rwkv-4-world-169m', 65_536, world],
    ['rwkv-raven-1b5', 50_277, raven],
    ['rwkv-4-169m-pile', 50_277, plain],
  ])('is said by the repository or folder around it: %s of %i ids', async (name, rows, user) => {
    const repository = await startHubServer({
      repository: `RWKV/${name}`,
      files: [{ path: 'model.safetensors', parts: [wide(rows)] }],
    })
    const folder = await startHubServer({
      repository: 'a/b',
      files: [{ path: `${name}/model.safetensors`, parts: [wide(rows)] }],
    })
    try {
      const hub = { hubUrl: repository.url }
      const sources: readonly (readonly [string, LoadOptions?])[] = [
        [`hf:RWKV/${name}`, hub],
        [`hf:RWKV/${name}/model.safetensors`, hub],
        [`hf:a/b/${name}/model.safetensors`, { hubUrl: folder.url }],
        [folder.fileUrl(`${name}/`)],
        [folder.fileUrl(`${name}/model.safetensors`)],
      ]
      for (const [source, options] of sources) {
        const opened = await open(source, options, fetch)
        expect([source, opened.description.name]).toEqual([source, name])
        expect([source, await told(source, options)]).toEqual([source, { user, warnings: [] }])
      }
    } finally {
      await Promise.all([repository.close(), folder.close()])
    }
  })

  test.each([
    ['a World vocabulary and no name', 'model.safetensors', 65_536, world, /65536 token ids are those of World/],
    ['a name that the vocabulary belies', 'hello-world.pth', 50_277, plain, /only continues text/],
    ['a name that only looks like one', 'compile.pth', 50_277, plain, /only continues text/],
    ['neither', 'm.pth', V, plain, /only continues text/],
  ])('is a guess by %s, and says so', async (_, name, rows, user, warning) => {
    expect(await told(new File([wide(rows)], name))).toEqual({ user, warnings: [expect.stringMatching(warning)] })
  })

  test('is no guess where a description says it', async () => {
    const files = { 'model.json': JSON.stringify(description), 'm.safetensors': weights, 'v.txt': worldVocabulary() }
    expect((await open(filesOf(files))).warnings).toEqual([])
  })
})

function wide(rows: number): Uint8Array<ArrayBuffer> {
  return buildSafetensors(rwkv4Tensors({ ...SMALL, V: rows }))
}

describe('each fault of a model has its code and a sentence', () => {
  const without = (pattern: RegExp) => buildSafetensors(tensors.filter(({ name }) => !pattern.test(name)))
  const change = (pattern: RegExp, fields: Partial<TensorToWrite>) =>
    buildSafetensors(tensors.map((tensor) => (pattern.test(tensor.name) ? { ...tensor, ...fields } : tensor)))
  const and = (name: string, shape: number[]) => buildSafetensors([...tensors, { name, dtype: 'F16', shape }])
  const withVocabulary = (vocabulary: string): Files => ({ 'm.safetensors': weights, 'vocab.txt': vocabulary })
  const line = (id: number, literal: string, length: number) => `${worldVocabulary()}${id} ${literal} ${length}\n`

  test.each<[number, string, Files, ErrorCode]>([
    [29, 'a tensor of no elements', { 'm.pth': change(/ffn\.key/, { shape: [0, 8] }) }, 'model/tensor-shape'],
    [33, 'a missing tensor', { 'm.pth': without(/1\.att\.key/) }, 'model/missing-tensor'],
    [34, 'a gap in the layers', { 'm.pth': without(/blocks\.1\./) }, 'model/layer-gap'],
    [35, 'a wrong rank', { 'm.pth': change(/att\.key/, { shape: [64] }) }, 'model/tensor-shape'],
    [35, 'a wrong width', { 'm.pth': change(/ln1\.bias/, { shape: [7] }) }, 'model/tensor-shape'],
    [36, 'tensors of two versions', { 'm.pth': and('blocks.0.att.time_maa_x', [8]) }, 'model/mixed-versions'],
    [
      37,
      'the vocabulary of another model',
      { 'm.pth': wide(65_536), 'vocab.txt': worldVocabulary() },
      'model/vocabulary-mismatch',
    ],
    [
      37,
      'a tokenizer.json with a World model',
      { 'm.pth': wide(65_536), 'tokenizer.json': tinyBpe() },
      'model/vocabulary-mismatch',
    ],
    [53, 'a bad escape', withVocabulary(line(257, "'\\q'", 2)), 'text/vocabulary'],
    [53, 'a gap in the ids', withVocabulary(line(258, "'ab'", 2)), 'text/vocabulary'],
    [53, 'a token twice', withVocabulary(line(257, "'a'", 1)), 'text/vocabulary'],
    [53, 'a token of 10 MB', withVocabulary(line(257, `'${'ab'.repeat(5e6)}'`, 1e7)), 'text/vocabulary'],
    [
      54,
      'a pattern that would hang',
      {
        'm.pth': wide(263),
        'tokenizer.json': tinyBpe({ pre_tokenizer: { type: 'Split', pattern: { Regex: '(a+)+$' } } }),
      },
      'text/vocabulary',
    ],
    [55, 'an HTML page for the weights', { 'm.pth': '<!doctype html><title>404' }, 'file/not-weights'],
    [
      55,
      'a git-lfs pointer for the weights',
      { 'm.pth': `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 9\n` },
      'file/not-weights',
    ],
    [
      55,
      'a page for the vocabulary that was chosen',
      { 'model.json': JSON.stringify(description), 'm.safetensors': weights, 'v.txt': '<html><p>' },
      'file/not-weights',
    ],
    [1, 'an empty file', { 'm.pth': '' }, 'file/empty'],
  ])('fault %i: %s', async (_, __, files, code) => {
    const start = cpuMs()
    await expect(open(filesOf(files))).rejects.toMatchObject({ code, message: expect.stringMatching(/^.{20,600}\.$/s) })
    expect(cpuMs() - start).toBeLessThan(2000)
  })

  test('fault 37: a mismatch says which tokenizer fits', async () => {
    const files = { 'm.pth': wide(50_277), 'vocab.txt': worldVocabulary() }
    await expect(open(filesOf(files))).rejects.toMatchObject({ message: expect.stringMatching(/GPT-NeoX 20B/) })
  })

  test('faults 38 and 39: NaN is refused, and a bf16 value beyond f16 is told', () => {
    const bf16 = (bits: number) => new Uint8Array(Uint16Array.of(bits).buffer)
    const encode = (bits: number) => () => encodeWeights(bf16(bits), { dtype: 'BF16', codec: 'f16', name: 'w' })
    expect(encode(0x7fc0)).toThrow(expect.objectContaining({ code: 'model/not-finite' }))
    expect(encode(0x7f80)).toThrow(expect.objectContaining({ code: 'model/not-finite' }))
    expect(encode(0x4f80)).toThrow(expect.objectContaining({ code: 'model/f16-range' }))
  })

  test('an adapter beside its weights is not passed over, unless the weights are named', async () => {
    const files = { 'model.safetensors': weights, 'adapter_model.safetensors': weights }
    const { url } = await serve(files)
    for (const source of [filesOf(files), 'hf:a/b'])
      await expect(open(source, { hubUrl: url }, fetch)).rejects.toMatchObject({
        code: 'model/unmerged',
        message: expect.stringMatching(/adapter_model\.safetensors.*merge_and_unload/),
      })
    expect((await open('hf:a/b/model.safetensors', { hubUrl: url }, fetch)).config.C).toBe(SMALL.C)
  })

  test('several models in one folder, or none, are told by name', async () => {
    const [part1, part2] = ['b-00001-of-00002.st', 'b-00002-of-00002.st'] as const
    const files = { 'z.pth': pth, 'a.pth': weights, [part2]: weights, [part1]: pth, 'vocab.txt': worldVocabulary() }
    const sizes = [weights.length, pth.length, weights.length + pth.length]
    const { url } = await serve(files)
    for (const [source, start] of [
      [filesOf(files), undefined],
      ['hf:a/b', 'hf:a/b/'],
    ] as const) {
      const error = await open(source, { hubUrl: url }, fetch).catch((reason: unknown) => reason)
      const of = (name: string, byteLength: number | undefined, names = [name]) => ({
        name,
        byteLength,
        files: names,
        ...(start && { source: start + name }),
      })
      expect(error).toMatchObject({
        code: 'model/several',
        message: expect.stringMatching(/a\.pth \(0\.0 MB\), z\.pth .*b-00001-of-00002\.st/),
        choices: [of('a.pth', sizes[0]), of('z.pth', sizes[1]), of(part1, sizes[2], [part1, part2])],
      })
      const [choice] = (error as RwkvError).choices ?? []
      if (choice?.source) expect((await open(choice.source, { hubUrl: url }, fetch)).config.C).toBe(SMALL.C)
    }
    await expect(open(filesOf({ 'a.txt': 'x', 'b.txt': 'x' }))).rejects.toMatchObject({ code: 'file/not-found' })
    const { fileUrl } = await serve({ 'x.txt': 'x' })
    await expect(open(fileUrl(''), {}, fetch)).rejects.toMatchObject({ code: 'file/not-found', message: /model\.json/ })
  })
})

describe('GGUF', () => {
  const gguf = new Uint8Array(readFileSync(`${goldenFolder7}/models/seven128.q8_0.gguf`))

  test('opens from a dropped file and from the Hub, with the sizes of the model', async () => {
    const { url } = await serve({ 'm-q8_0.gguf': gguf })
    const expected = { version: 7, L: 3, C: 128, F: 512, V: 260, headSize: 64 }
    expect((await open(filesOf({ 'm-q8_0.gguf': gguf }))).config).toMatchObject(expected)
    expect((await open('hf:a/b', { hubUrl: url }, fetch, keptInMemory())).config).toMatchObject(expected)
  })

  test('brings its tokenizer, without the tokens that fill the head', async () => {
    const { found, description } = await open(filesOf({ 'g1-q8_0.gguf': gguf }))
    const { tokenizer } = found
    const spoken = '<s>[PAD259] it\'s "\\" €\t\r\n\0'
    expect(tokenizer?.size).toBe(258) // the end of a text, 256 bytes and ' ban'
    expect(tokenizer?.encode(' ban')).toEqual([257])
    expect(tokenizer?.encode(spoken)).toEqual(Array.from(text(spoken), (byte) => byte + 1))
    expect(tokenizer?.has(0) || tokenizer?.has(258)).toBe(false)
    expect(description.name).toBe('g1-q8_0')
  })

  /** Its tensors in two files, the first of which alone has metadata of the model. */
  const split = () => {
    const { tensors } = parseGgufHeader({ bytes: gguf, fileByteLength: gguf.length, file: 'm.gguf' }) ?? { tensors: [] }
    const ids = new Map(Array.from(GGUF_TYPES, ([id, type]) => [type, id]))
    const written = tensors.map(({ name, type, shape, offset, byteLength }) => ({
      ...{ name, type: ids.get(type) ?? -1, shape },
      bytes: gguf.subarray(offset, offset + byteLength),
    }))
    const half = written.length >> 1
    return [written.slice(0, half), written.slice(half)].map((part, index) => {
      const place: GgufEntry[] = [
        ['split.no', 2, Uint8Array.of(index, 0)],
        ['split.count', 2, Uint8Array.of(2, 0)],
      ]
      const model: GgufEntry[] = [
        ['general.architecture', 8, ggufText('rwkv7')],
        ['rwkv7.wkv.head_size', 4, u32(64)],
      ]
      return buildGguf(part, { metadata: index === 0 ? [...model, ...place] : place })
    }) as [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>]
  }

  test('in two parts is the same model', async () => {
    const [first, second] = split()
    const whole = await open(filesOf({ 'm.gguf': gguf }))
    const names = ['m-00001-of-00002.gguf', 'm-00002-of-00002.gguf'] as const
    const parts = await open(filesOf({ [names[1]]: second, [names[0]]: first }))
    expect(parts.config).toEqual(whole.config)
    for (const [name, entry] of whole.tensors) {
      const other = parts.tensors.get(name)
      if (!other) throw new Error(`no tensor ${name}`)
      const read = ({ checkpoint }: typeof whole, of: typeof entry) => checkpoint.read(of, 0, of.byteLength)
      expect([name, Buffer.compare(await read(parts, other), await read(whole, entry))]).toEqual([name, 0])
    }
    await expect(open(filesOf({ [names[0]]: first }))).rejects.toMatchObject({ code: 'file/not-found' })
    for (const files of [{ 'm.gguf': first }, { [names[0]]: second, [names[1]]: first }])
      await expect(open(filesOf(files))).rejects.toMatchObject({
        code: 'file/shards',
        message: expect.stringMatching(/says that it is part [12] of 2; expected/),
      })
  })

  test('is listed with its neighbours where there are several', async () => {
    const files = { 'm-f16.gguf': pth, 'm-q8_0.gguf': gguf }
    const { url } = await serve(files)
    for (const source of [filesOf(files), 'hf:a/b'] as const)
      await expect(open(source, { hubUrl: url }, fetch)).rejects.toMatchObject({
        code: 'model/several',
        choices: [{ name: 'm-f16.gguf' }, { name: 'm-q8_0.gguf' }],
      })
  })
})

describe('fault 40: memory is asked for before anything is fetched', () => {
  const world3B = { version: 4, L: 32, C: 2560, F: 10_240, V: 65_536 } as const
  const layerStateByteLength = 51_200
  const planIn = (weights: 'f16' | 'f32', specs: Iterable<TensorSpec>) =>
    planWeights({ weights, specs: [...specs], tensors: new Map() })
  /** A GPU with so much memory. */
  const gpuOf = (byteLength: number) => {
    let used = 0
    const gpu = {
      device: {
        createBuffer({ size }: { size: number }) {
          used += size
          return {
            destroy: () => {
              used -= size
            },
          }
        },
      },
      async scoped(what: string, work: () => void) {
        work()
        if (used > byteLength) throw Object.assign(new Error(what), { code: 'gpu/out-of-memory' })
      },
    }
    return { gpu: gpu as unknown as Gpu, used: () => used }
  }

  test('a model that fits is let through, one that does not is refused, and every byte is given back', async () => {
    const needed = weightByteLength(tensorsOf(world3B), () => 'f16')
    expect(needed).toBeGreaterThan(5.9e9)
    expect(needed).toBeLessThan(6.2e9)
    for (const [room, fits] of [
      [8e9, true],
      [4e9, false],
    ] as const) {
      const { gpu, used } = gpuOf(room)
      const asked = checkMemory(gpu, {
        name: 'World 3B',
        tensors: tensorsOf(world3B),
        plan: planIn('f16', tensorsOf(world3B)),
        layerStateByteLength,
      })
      if (fits) await asked
      else
        await expect(asked).rejects.toMatchObject({
          code: 'gpu/out-of-memory',
          message: expect.stringMatching(/World 3B.*6\.1 GB/),
        })
      expect(used()).toBe(0)
    }
  })

  test('rows beyond what a binding holds are gpu/limits', async () => {
    const tensors = [...tensorsOf({ ...world3B, F: 10_000_000 })]
    const asked = checkMemory(gpuOf(1e12).gpu, {
      name: 'wide',
      tensors,
      plan: planIn('f32', tensors),
      layerStateByteLength,
    })
    await expect(asked).rejects.toMatchObject({ code: 'gpu/limits' })
  })
})
