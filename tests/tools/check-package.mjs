/**
 * @file Judges what `npm run build` has made: that publint finds nothing in the package, and that nothing has outgrown its
 * budget. `node tests/tools/check-package.mjs` prints a line for each size.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { build } from 'vite'

const root = fileURLToPath(new URL('../../', import.meta.url))
const read = (file) => readFileSync(`${root}${file}`)
const gzipLength = (...parts) => parts.reduce((sum, part) => sum + gzipSync(part, { level: 9 }).length, 0)

const element = await bundle('dist/element.js')
const library = await bundle('dist/index.js')

/** Bytes after gzip, at most. */
const sizes = [
  { what: 'element before its model', most: 24_800, byteLength: gzipLength(...element.first) },
  {
    what: 'what the element fetches with its first model',
    most: 7_000,
    byteLength: gzipLength(...element.later(/load-model/)),
  },
  { what: 'Markdown of the element', most: 16_500, byteLength: gzipLength(...element.later(/markdown/)) },
  { what: 'library without worker', most: 12_800, byteLength: gzipLength(...library.first) },
  {
    what: 'what model.chat fetches when it is first used',
    most: 10_500,
    byteLength: gzipLength(...library.later(/./)),
  },
  { what: "demo's first script", most: 60_000, byteLength: gzipLength(...firstScripts('index.html')) },
  { what: 'script of the examples', most: 60_000, byteLength: gzipLength(...firstScripts('embed.html')) },
  { what: 'worker with all shaders', most: 108_600, byteLength: gzipLength(read('dist/rwkv.worker.js')) },
  {
    what: 'what the worker fetches when it is needed',
    most: 49_500,
    byteLength: gzipLength(read('dist/rwkv.extras.js')),
  },
  { what: "demo's worker", most: 108_600, byteLength: gzipLength(read('dist/demo/rwkv.worker.js')) },
  {
    what: "what the demo's worker fetches where it computes on the CPU",
    most: 30_000,
    byteLength: gzipLength(read(`dist/demo/assets/${theOne(/^wasm-backend-.*\.js$/)}`)),
  },
  { what: 'element with worker, for CDNs', most: 200_300, byteLength: gzipLength(read('dist/cdn/rwkv-chat.js')) },
]

let failed = false
for (const { what, most, byteLength } of sizes) {
  const fits = byteLength <= most
  failed ||= !fits
  console.log(`${fits ? 'ok ' : 'BIG'} ${what}: ${byteLength} of ${most} bytes (gzip)`)
}

const manifest = JSON.parse(read('package.json'))
const { messages } = await publint({ pkgDir: root, strict: true })
for (const message of messages) console.log(`publint: ${formatMessage(message, manifest)}`)
failed ||= messages.length > 0
if (messages.length === 0) console.log('ok  publint found nothing')
process.exit(failed ? 1 : 0)

/**
 * The scripts that a page gets which imports one file of the package and nothing else: those it begins with, and of those
 * it asks for later the ones that are called so.
 */
async function bundle(file) {
  const [{ output }] = [
    await build({
      configFile: false,
      root,
      logLevel: 'error',
      publicDir: false,
      build: {
        write: false,
        target: 'es2023',
        modulePreload: false,
        rollupOptions: { input: file, preserveEntrySignatures: 'strict' },
      },
    }),
  ].flat()
  const chunks = output.filter(({ type }) => type === 'chunk')
  const first = new Set(chunks.filter(({ isEntry }) => isEntry).map(({ fileName }) => fileName))
  for (const name of first)
    for (const imported of chunks.find(({ fileName }) => fileName === name)?.imports ?? []) first.add(imported)
  if (first.size === 0) throw new Error(`${file} made no script`)
  const codeOf = (isWanted) => chunks.filter(({ fileName }) => isWanted(fileName)).map(({ code }) => code)
  return {
    first: codeOf((name) => first.has(name)),
    later(called) {
      const found = codeOf((name) => !first.has(name) && called.test(name))
      if (found.length === 0) throw new Error(`${file} asks for no script like ${called} later`)
      return found
    },
  }
}

/** The name of the asset of the demo that has one like this. */
function theOne(name) {
  const found = readdirSync(`${root}dist/demo/assets`).filter((file) => name.test(file))
  if (found.length !== 1) throw new Error(`${found.length} assets are called like ${name}; expected one`)
  return found[0]
}

/** A page's script with everything it fetches before it runs. */
function firstScripts(page) {
  const html = read(`dist/demo/${page}`).toString()
  const files = [...html.matchAll(/(?:<script[^>]* src|rel="modulepreload"[^>]* href)="\.\/([^"]+\.js)"/g)].map(
    ([, file]) => file,
  )
  if (files.length === 0) throw new Error(`${page} names no script`)
  return files.map((file) => read(`dist/demo/${file}`))
}
