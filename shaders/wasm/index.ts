// The kernels of the runtime's backend in WebAssembly, in AssemblyScript: each a function over addresses in one memory, none
// with a memory of its own, so that threads can run the same ones. `npm run wasm` compiles them into src/wasm/binary.ts.

export { arrange, decode } from './codecs'
export { wkvHeads } from './heads/wkv'
export { matmul, matvec, quantize, sumRows } from './products'
export { activate, add, addGated, layerNorm, shiftMix, storeShift } from './rows'
export { wkv4 } from './v4/wkv'
export { mixInputs } from './v6/mix'
export { wkv7 } from './v7/wkv'
