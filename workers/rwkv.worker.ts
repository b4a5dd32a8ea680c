/** @file The worker: an engine over this thread's WebGPU, answering the page. */

import { createEngine, exposeEngine } from '../src/engine.ts'

exposeEngine(createEngine({ gpu: navigator.gpu }), globalThis)
