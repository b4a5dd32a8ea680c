import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { findLayerFaults, importsOf } from './tools/layers.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** All modules of the project, by their paths from its root. */
function readModules(): Map<string, string> {
  const paths = ['src', 'workers', 'demo'].flatMap((folder) =>
    readdirSync(`${ROOT}${folder}`, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .map((path) => `${folder}/${path.replaceAll('\\', '/')}`),
  )
  return new Map(paths.map((path) => [path, readFileSync(`${ROOT}${path}`, 'utf8')]))
}

describe('the modules of this project', () => {
  const modules = readModules()

  test('import downward or within their folder, without cycles, and the page keeps clear of the engine', () => {
    expect(findLayerFaults(modules)).toEqual([])
  })

  test('are all there, and so are their imports', () => {
    expect([...modules.keys()]).toEqual(
      expect.arrayContaining(['src/core/errors.ts', 'workers/rwkv.worker.ts', 'demo/main.ts']),
    )
    const edges = importsOf(modules)
    expect(edges).toContainEqual({ from: 'demo/main.ts', to: 'src/element/index.ts' })
    expect(edges).toContainEqual({ from: 'src/session/session.ts', to: 'src/core/errors.ts' })
    const targets = new Set(edges.map(({ to }) => to))
    expect([...targets].filter((to) => !modules.has(to))).toEqual([])
  })
})

describe('a planted fault is found', () => {
  const sound = new Map([
    ['src/core/errors.ts', ''],
    ['src/gpu/device.ts', "import { RwkvError } from '../core/errors.ts'"],
    ['src/gpu/buffer.ts', "import type { Gpu } from './device.ts'"],
    ['src/kernels/matmul.ts', "import code from '../../shaders/matmul.wgsl?raw'\nimport { b } from '../gpu/buffer.ts'"],
    ['src/engine/engine.ts', "import { b } from '../gpu/buffer.ts'"],
    ['src/forward/architecture.ts', "import { b } from '../gpu/buffer.ts'"],
    ['src/rwkv/index.ts', "import { v4 } from './v4/v4.ts'"],
    ['src/rwkv/tensors.ts', "import { tensors } from './v4/tensors.ts'"],
    ['src/rwkv/v4/v4.ts', "import { tensors } from './tensors.ts'\nimport '../../forward/architecture.ts'"],
    ['src/rwkv/v4/tensors.ts', "import { matrix } from '../../core/errors.ts'"],
    ['src/engine.ts', "export { createEngine } from './engine/engine.ts'"],
    ['workers/rwkv.worker.ts', "import { createEngine } from '../src/engine.ts'"],
    ['src/text/prompt-format.ts', "import type { F } from '../core/errors.ts'"],
    ['src/client/load-model.ts', "import { wrap } from 'comlink'\nimport { f } from '../text/prompt-format.ts'"],
    ['src/client/worker-url.ts', "export { default as url } from '../../workers/rwkv.worker.ts?worker&url'"],
    ['src/index.ts', "export { loadModel } from './client/load-model.ts'"],
    ['demo/main.ts', "import { loadModel } from '../src/index.ts'"],
  ])
  const planted = (path: string, text: string) => findLayerFaults(new Map([...sound, [path, text]]))

  test('and a sound tree has none', () => {
    expect(findLayerFaults(sound)).toEqual([])
  })

  test.each([
    ['a value', "import { createEngine } from '../engine/engine.ts'"],
    ['a type', "import type { Engine } from '../engine/engine.ts'"],
    ['a re-export', "export type * from '../engine/engine.ts'"],
    ['several lines', "import {\n  type Engine,\n  createEngine,\n} from '../engine/engine.ts'"],
    ['a side effect', "import '../engine/engine.ts'"],
    ['a dynamic import', "const engine = await import('../engine/engine.ts')"],
    ['a type by its address', "let engine: import('../engine/engine.ts').Engine"],
  ])('an upward import, as %s', (_, text) => {
    expect(planted('src/gpu/device.ts', text)).toContain('src/gpu/device.ts imports upward: src/engine/engine.ts')
  })

  test('an import in a comment or a text is none', () => {
    const text = "// import { x } from '../engine/engine.ts'\nconst text = `import '../engine/engine.ts'`"
    expect(planted('src/gpu/device.ts', text)).toEqual([])
  })

  test('an import from another folder of the same layer', () => {
    expect(planted('src/text/tokenizer.ts', "import { b } from '../gpu/buffer.ts'")).toEqual([
      'src/text/tokenizer.ts imports sideways from another folder: src/gpu/buffer.ts',
    ])
  })

  test.each(['src/client/load-model.ts', 'src/element/rwkv-chat.ts'])('%s that imports the engine', (path) => {
    for (const to of ['gpu/buffer.ts', 'kernels/matmul.ts', 'forward/x.ts', 'engine/engine.ts', 'model/config.ts'])
      expect(planted(path, `import type { X } from '../${to}'`)).toEqual([
        `${path} is on the page and imports the engine's src/${to}`,
      ])
    expect(planted(path, "import { t } from '../text/prompt-format.ts'")).toEqual([])
  })

  test.each([
    ['src/engine/engine.ts', '../rwkv/v4/v4.ts'],
    ['src/session/session.ts', '../rwkv/v4/inspect.ts'],
    ['src/rwkv/v7/v7.ts', '../v4/channel-mix.ts'],
    ['src/rwkv/index.ts', './v4/tensors.ts'],
    ['src/client/catalogue.ts', '../rwkv/v4/tensors.ts'],
  ])('%s that imports a version of RWKV: %s', (path, to) => {
    expect(planted(path, `import type { X } from '${to}'`)).toEqual([
      expect.stringMatching(`^${path} imports a version of RWKV: src/rwkv/v4/`),
    ])
  })

  test('a page that loads more of the versions than their tensors', () => {
    expect(planted('src/client/catalogue.ts', "import { tensorsOf } from '../rwkv/tensors.ts'")).toEqual([])
    expect(planted('src/client/catalogue.ts', "import { all } from '../rwkv/index.ts'")).toEqual([
      "src/client/catalogue.ts is on the page and imports the engine's src/rwkv/index.ts",
    ])
    expect(planted('src/rwkv/v4/tensors.ts', "import { w } from './weights.ts'")).toEqual([
      "src/rwkv/v4/tensors.ts is on the page and imports the engine's src/rwkv/v4/weights.ts",
    ])
  })

  test('a demo that imports the engine, or what the page may not hold of the text', () => {
    for (const to of ['src/engine.ts', 'src/engine/engine.ts', 'src/text/tokenizer.ts', 'src/file/http.ts'])
      expect(planted('demo/panels/status.ts', `import { x } from '../../${to}'`)).toEqual([
        `demo/panels/status.ts is on the page and imports the engine's ${to}`,
      ])
  })

  test('what the page loads may not bring the engine in by a detour', () => {
    expect(planted('src/text/prompt-format.ts', "import { t } from './world-tokenizer.ts'")).toEqual([
      "src/text/prompt-format.ts is on the page and imports the engine's src/text/world-tokenizer.ts",
    ])
  })

  test('a cycle of two, of three, and of a module with itself', () => {
    expect(planted('src/gpu/device.ts', "import type { B } from './buffer.ts'")).toEqual([
      'cycle: src/gpu/device.ts -> src/gpu/buffer.ts -> src/gpu/device.ts',
    ])
    const three = new Map([
      ['src/core/a.ts', "import './b.ts'"],
      ['src/core/b.ts', "import type { C } from './c.ts'"],
      ['src/core/c.ts', "export { A } from './a.ts'"],
    ])
    expect(findLayerFaults(three)).toEqual(['cycle: src/core/a.ts -> src/core/b.ts -> src/core/c.ts -> src/core/a.ts'])
    expect(planted('src/core/errors.ts', "import { x } from './errors.ts'")).toEqual([
      'cycle: src/core/errors.ts -> src/core/errors.ts',
    ])
  })

  test('a module in a folder that the layout does not know', () => {
    expect(planted('src/utils/misc.ts', '')).toEqual(['src/utils/misc.ts is in no layer'])
    expect(planted('demo/main.ts', "import { x } from '../src/utils/misc.ts'")).toContain(
      'demo/main.ts imports src/utils/misc.ts, which is in no layer',
    )
  })
})
