import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { elementManifest } from '../../demo/element-manifest.ts'
import { createEvent, eventNames } from '../../src/element/events.ts'
import { RwkvChat } from '../../src/element/index.ts'
import { samplingAttributes } from '../../src/element/sampling.ts'
import type { ChatState, RwkvChatElement } from '../../src/element/types.ts'

const folder = new URL('../../src/element/', import.meta.url)
const read = (file: string) => readFileSync(new URL(file, folder), 'utf8')
const matches = (text: string, pattern: RegExp) => new Set([...text.matchAll(pattern)].map(([, name]) => name))

describe('without a DOM', () => {
  test('the source can be imported', () => {
    expect(typeof document).toBe('undefined')
    expect(typeof RwkvChat).toBe('function')
  })

  test('the package file can be imported by plain node, with Lit inside and only comlink outside', async () => {
    const outDir = fileURLToPath(new URL('../../node_modules/.cache/element-test/', import.meta.url))
    await build({ mode: 'library', logLevel: 'error', build: { outDir, emptyOutDir: true } })
    const script = `import(${JSON.stringify(`${outDir}element.js`)}).then(({ RwkvChat }) => console.log(typeof RwkvChat, typeof HTMLElement, typeof customElements))`
    expect(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }).trim()).toBe(
      'function undefined undefined',
    )
    const files = readdirSync(outDir).filter((file) => file.endsWith('.js') && file !== 'node.js')
    expect(files).toContain('element.js')
    const outside = files.flatMap((file) => [
      ...matches(readFileSync(`${outDir}${file}`, 'utf8'), /^(?:import|export)[^\n]* from "([^".][^"]*)"/gm),
    ])
    expect(new Set(outside)).toEqual(new Set(['comlink']))
  })
})

describe('events', () => {
  test('bubble and cross shadow roots; only beforesend can be cancelled', () => {
    const state = createEvent('statechange', { state: 'ready', previous: 'loading' })
    const before = createEvent('beforesend', { text: 'hi', attachments: [] })
    expect([state.bubbles, state.composed, state.cancelable]).toEqual([true, true, false])
    expect([before.bubbles, before.composed, before.cancelable]).toEqual([true, true, true])
    before.detail.text = 'hello'
    expect(before.detail.text).toBe('hello')
  })

  test('are typed for listeners on the element, which document.querySelector gives', () => {
    const listen = (chat: HTMLElementTagNameMap['rwkv-chat']) => {
      chat.addEventListener('statechange', ({ detail }) => expectTypeOf(detail.state).toEqualTypeOf<ChatState>())
      chat.addEventListener('token', ({ detail }) => expectTypeOf(detail.text).toEqualTypeOf<string>())
      chat.addEventListener('progress', ({ detail }) => expectTypeOf(detail.loaded).toEqualTypeOf<number>())
      chat.addEventListener('click', (event) => expectTypeOf(event).toEqualTypeOf<Event>())
    }
    expectTypeOf(listen).parameter(0).toEqualTypeOf<RwkvChatElement>()
  })
})

describe('custom-elements.json lists what the class has:', () => {
  interface Declaration {
    readonly [list: string]: readonly { readonly name: string; readonly description?: string }[]
  }
  const manifest = elementManifest(fileURLToPath(new URL('types.ts', folder))) as {
    readonly modules: readonly [{ readonly declarations: readonly [Declaration] }]
  }
  const declaration = manifest.modules[0].declarations[0]
  const names = (list: readonly { readonly name: string }[]) => new Set(list.map(({ name }) => name))
  const sources = readdirSync(folder)
    .filter((file) => file.endsWith('.ts'))
    .map(read)
    .join('\n')

  test('attributes', () => {
    const observed = (RwkvChat as unknown as { observedAttributes: string[] }).observedAttributes
    expect(names(declaration.attributes)).toEqual(new Set([...observed, 'name']))
    for (const attribute of Object.values(samplingAttributes)) expect(observed).toContain(attribute)
  })

  test('events', () => {
    expect(names(declaration.events)).toEqual(new Set(eventNames))
  })

  test('slots', () => {
    const slots = [...matches(sources, /<slot name="([^"]+)"/g)].map((name) => name?.replace(/\$\{\w+\}/, 'N'))
    expect(names(declaration.slots)).toEqual(new Set(slots))
  })

  test('parts', () => {
    const parts = [...matches(sources, /\bpart="([\w -]+)"/g)].flatMap((list) => list?.split(' ') ?? [])
    expect(names(declaration.cssParts)).toEqual(new Set(parts))
  })

  test('custom properties', () => {
    expect(names(declaration.cssProperties)).toEqual(matches(read('styles.ts'), /var\((--rwkv-chat-[\w-]+)/g))
  })

  test('states', () => {
    const states = /type ChatState = ([^\n]*)/.exec(read('types.ts'))?.[1] ?? ''
    expect(names(declaration.cssStates)).toEqual(matches(states, /'(\w+)'/g))
  })

  test('members', () => {
    const hidden = new Set([
      'createRenderRoot',
      'constructor',
      'adoptedCallback',
      'connectedCallback',
      'disconnectedCallback',
      'formDisabledCallback',
      'formResetCallback',
      'willUpdate',
      'updated',
      'firstUpdated',
      'render',
      'focus',
    ])
    const own = Object.getOwnPropertyNames(RwkvChat.prototype).filter((name) => !hidden.has(name))
    expect(names(declaration.members)).toEqual(new Set(own))
  })
})
