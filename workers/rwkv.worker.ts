/**
 * @file The worker: an engine over this thread's WebGPU and this origin's private files. It answers the page, which has
 * checked what it asks for.
 */

import { createEngine } from '../src/engine/engine.ts'
import { exposeEngine } from '../src/engine/expose.ts'
import { architectures } from '../src/rwkv/index.ts'
import { createOpfsStore } from '../src/store/store.ts'

const { deviceMemory } = navigator as { readonly deviceMemory?: number } // GiB; only Chromium tells
const memoryByteLength = deviceMemory === undefined ? undefined : deviceMemory * 2 ** 30

const engine = createEngine({ gpu: navigator.gpu, store: createOpfsStore(), memoryByteLength, architectures })
exposeEngine(engine, globalThis)
