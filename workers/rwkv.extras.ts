/**
 * @file What the package's worker fetches when it is first needed, in one file beside it: formats of replies, the BPE
 * tokenizer, the hash of whole files. The demo's worker has chunks for them, the CDN file all of it inside.
 */

export { sha256 } from '../src/file/sha256.ts'
export { compileFormat, createFormat, sortTokens } from '../src/grammar/compile.ts'
export { Tokenizer } from '../src/text/bpe-encoder.ts'
