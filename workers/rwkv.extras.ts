/**
 * @file What the package's worker fetches when it is first needed, in one file beside it: formats of replies, the BPE
 * tokenizer, the reader of GGUF, the hash of whole files, the backend in WebAssembly. The demo's worker has chunks for them, the CDN file all of it
 * inside.
 */

// All that each has: the worker takes by name whatever it imports from them.
export * from '../src/file/gguf.ts'
export * from '../src/file/sha256.ts'
export * from '../src/forward/wasm-backend.ts'
export * from '../src/grammar/compile.ts'
export * from '../src/text/bpe-encoder.ts'
