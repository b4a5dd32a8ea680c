/** Compile wasm/. */
export function compileWasm(): Promise<{ readonly plain: Uint8Array; readonly relaxed: Uint8Array }>
/** SHA-256, in hex, of all that is compiled. */
export function sourceHash(): string
