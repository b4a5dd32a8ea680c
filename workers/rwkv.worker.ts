/** @file The worker: an engine over this thread's WebGPU and this origin's private files, answering the page. */

import { createEngine, createOpfsStore, exposeEngine } from '../src/engine.ts'

exposeEngine(createEngine({ gpu: navigator.gpu, store: createOpfsStore() }), globalThis)
