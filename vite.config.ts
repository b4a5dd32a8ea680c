/**
 * @file Builds by `--mode`, in this order: `complete-worker` (for the next one alone), `cdn` (the element with the worker
 * inside, for any origin), `worker` and `extras` (dist/rwkv.worker.js, and what it fetches when it is needed), `library`
 * (the package's ESM files, which start that worker), and the demo (default).
 */

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig, type Plugin, type Rolldown, type UserConfig } from 'vite'
import { contentSecurity, securityHeaders } from './demo/content-security.ts'
import { elementManifest } from './demo/element-manifest.ts'
import { inlineIcon } from './demo/inline-icon.ts'
import { leanShaders } from './demo/lean-shaders.ts'
import { offlineApp } from './demo/offline-app.ts'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

const shared = { outDir: path('dist'), copyPublicDir: false, target: 'es2023' } as const

/** Minified, and complete but for what it fetches itself: bundlers copy such a file as it is. */
const oneFile = (name: string) => ({
  ...shared,
  emptyOutDir: false,
  lib: { entry: path(`workers/${name}.ts`), formats: ['es' as const], fileName: () => `${name}.js` },
  // Of a library Vite itself leaves the white space in.
  rollupOptions: { output: { minify: true, codeSplitting: false } },
})

const { version } = JSON.parse(readFileSync(path('package.json'), 'utf8')) as { version: string }

const demo: UserConfig = {
  define: { 'import.meta.env.VITE_RWKV_VERSION': JSON.stringify(version) },
  build: {
    outDir: path('dist/demo'),
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0, // files are kept by the service worker as they are
    rollupOptions: {
      input: { index: path('demo/index.html'), embed: path('demo/embed.html') },
      output: { codeSplitting: { groups: [{ name: firstScript(), debugName: 'first script' }] } },
    },
  },
  plugins: [inlineIcon(), contentSecurity(), offlineApp()],
}

const builds: Readonly<Record<string, () => UserConfig>> = {
  'complete-worker': () => ({ build: { ...oneFile('rwkv.worker'), emptyOutDir: true }, plugins: [leanShaders()] }),
  cdn: () => ({
    build: {
      ...shared,
      outDir: path('dist/cdn'),
      emptyOutDir: true,
      lib: { entry: path('src/element/index.ts'), formats: ['es'], fileName: () => 'rwkv-chat.js' },
      rollupOptions: { output: { minify: true, codeSplitting: false } },
    },
    plugins: [nothingLater(), workerAt(() => blobOf(readFileSync(path('dist/rwkv.worker.js'), 'utf8')))],
  }),
  worker: () => ({ build: oneFile('rwkv.worker'), plugins: [leanShaders(), extrasApart()] }),
  extras: () => ({ build: oneFile('rwkv.extras') }),
  library: () => ({
    build: {
      ...shared,
      emptyOutDir: false,
      minify: false,
      lib: {
        entry: {
          index: path('src/index.ts'),
          engine: path('src/engine.ts'),
          node: path('src/node.ts'),
          element: path('src/element/index.ts'),
          openai: path('src/client/openai.ts'),
          'prompt-api': path('src/client/prompt-api.ts'),
          'ai-sdk': path('src/client/ai-sdk.ts'),
          'labels/de': path('src/element/labels/de.ts'),
          'labels/zh': path('src/element/labels/zh.ts'),
        },
        formats: ['es'],
      },
      rollupOptions: { external: ['comlink', 'webgpu', /^node:/], output: { chunkFileNames: 'shared-[name].js' } },
    },
    resolve: {
      // Lit's builds for node run in browsers too, and can be imported where there is no DOM.
      conditions: ['node', 'production', 'module'],
      alias: { '@lit-labs/ssr-dom-shim': path('src/element/no-dom.ts') },
    },
    plugins: [
      workerAt(`${besideUs('rwkv.worker.js')} + "#" + ${besideUs('rwkv.extras.js')}`),
      besides(),
      leanShaders(),
    ],
  }),
}

export default defineConfig(({ mode }) => ({
  root: 'demo',
  base: './',
  appType: 'mpa', // what is not there is a 404, not the chat page
  server: { host: 'localhost', port: 5173, fs: { allow: ['..'] } },
  preview: { port: Number(process.env.PREVIEW_PORT ?? 4173), strictPort: true, headers: securityHeaders },
  worker: {
    format: 'es',
    plugins: () => [leanShaders()],
    rollupOptions: { output: { entryFileNames: '[name].js' } },
  },
  // Known before the first visit, or the dev server finds them late and reloads the page under its reader.
  optimizeDeps: {
    include: [
      'comlink',
      'lit',
      'marked',
      '@huggingface/tokenizers',
      '@huggingface/transformers',
      '@noble/hashes/sha2.js',
    ],
  },
  ...(builds[mode]?.() ?? demo),
}))

/**
 * Keeps together what the chat page begins with, though it waits for its language: by themselves that would be 16 files.
 * Apart from it stays what the other page needs as well, from its beginning or later.
 */
function firstScript() {
  type Link = 'importers' | 'dynamicImporters'
  type ModuleGraph = { getModuleInfo(id: string): Pick<Rolldown.ModuleInfo, Link> | null }
  const isAbove = (page: string, id: string, graph: ModuleGraph, links: readonly Link[]) => {
    const above = new Set([id])
    for (const one of above)
      for (const link of links) for (const importer of graph.getModuleInfo(one)?.[link] ?? []) above.add(importer)
    return above.has(path(`demo/${page}.ts`))
  }
  return (id: string, graph: ModuleGraph) => {
    if (!isAbove('main', id, graph, ['importers'])) return null
    return isAbove('embed', id, graph, ['importers', 'dynamicImporters']) ? 'element' : 'page'
  }
}

/**
 * Puts `expression` in the place of the worker's address. It is written after everything else has been transformed, or
 * Vite would look for the file now.
 */
function workerAt(expression: string | (() => string)): Plugin {
  const mark = '__RWKV_WORKER_URL__'
  return {
    name: 'rwkv:worker-at',
    enforce: 'pre',
    load: (id) => (id === path('src/client/worker-url.ts') ? `export const workerUrl = ${mark}` : null),
    renderChunk: (code) =>
      code.includes(mark)
        ? code.replace(mark, () => (typeof expression === 'string' ? expression : expression()))
        : null,
  }
}

/** The address of a file beside the code, in a form that bundlers know: they copy the file and put its new address here. */
function besideUs(file: string): string {
  return `new URL("./${file}", import.meta.url).href`
}

/** Has the worker fetch what is in `rwkv.extras.js` from there: its address is the hash of the worker's own. */
function extrasApart(): Plugin {
  const address = `self.location.hash.slice(1) || new URL('./rwkv.extras.js', self.location.href).href`
  const wanted = new Set([
    './gguf.ts',
    './sha256.ts',
    './bpe-encoder.ts',
    '../grammar/compile.ts',
    '../forward/wasm-backend.ts',
  ])
  return {
    name: 'rwkv:extras-apart',
    enforce: 'pre',
    transform: (code) =>
      code.replace(/\bimport\('([^']+)'\)/g, (call, file) =>
        wanted.delete(file) ? `import(/* @vite-ignore */ ${address})` : call,
      ),
    buildEnd() {
      if (wanted.size > 0) throw new Error(`Nothing imports ${[...wanted].join(', ')} any more.`)
    },
  }
}

/** What is in one file anyway needs not be wrapped so as to be run later, which costs 2 KB. */
function nothingLater(): Plugin {
  return {
    name: 'rwkv:nothing-later',
    enforce: 'pre',
    transform(code) {
      const imports: string[] = []
      const changed = code.replace(/\bimport\('([^']+)'\)/g, (_, file) => {
        const name = `later${imports.length}`
        imports.push(`import * as ${name} from '${file}'`)
        return `Promise.resolve(${name})`
      })
      return imports.length > 0 ? [...imports, changed].join('\n') : null
    },
  }
}

/** A worker's file from another origin is refused; a blob is the page's own. */
function blobOf(source: string): string {
  return `URL.createObjectURL(new Blob([${JSON.stringify(source)}], { type: 'text/javascript' }))`
}

/** Files that are published beside the code: the element's manifest, its types by framework, the licences of what is bundled. */
function besides(): Plugin {
  const bundled = ['comlink', 'lit', 'marked', '@huggingface/tokenizers', '@huggingface/transformers', '@noble/hashes']
  const licenses = () =>
    bundled.map((name) => `${name}\n\n${readFileSync(path(`node_modules/${name}/LICENSE`), 'utf8').trim()}\n`)
  return {
    name: 'rwkv:besides',
    writeBundle({ dir = path('dist') }) {
      const manifest = elementManifest(path('src/element/types.ts'))
      writeFileSync(`${dir}/custom-elements.json`, `${JSON.stringify(manifest, null, 2)}\n`)
      mkdirSync(`${dir}/types/src/frameworks`, { recursive: true })
      for (const name of readdirSync(path('src/frameworks'))) {
        const types = readFileSync(path(`src/frameworks/${name}`), 'utf8') // declarations, which tsc does not write
        writeFileSync(`${dir}/types/src/frameworks/${name}`, types.replaceAll(".ts'", ".js'"))
      }
      writeFileSync(`${dir}/THIRD-PARTY-LICENSES.txt`, licenses().join('\n---\n\n'))
    },
  }
}
