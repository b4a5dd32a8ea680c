/** @file Another thread that reads memory, for the thread of `read-memory.ts`. */

import { expose, proxy } from 'comlink'
import { openReader } from './read-memory.ts'

expose(async (probe: Uint8Array<ArrayBuffer>) => proxy(await openReader(probe)))
