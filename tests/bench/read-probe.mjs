/** @file How fast a thread of WebAssembly reads memory at best: a module that does nothing else, compiled when it is wanted. */

import { main } from 'assemblyscript/asc'

const source = `
/** All bits of what lies from one address to another, a multiple of 64 further. */
export function read(from: usize, to: usize): i32 {
  let a = i32x4.splat(0)
  let b = i32x4.splat(0)
  let c = i32x4.splat(0)
  let d = i32x4.splat(0)
  for (; from < to; from += 64) {
    a = v128.xor(a, v128.load(from))
    b = v128.xor(b, v128.load(from, 16))
    c = v128.xor(c, v128.load(from, 32))
    d = v128.xor(d, v128.load(from, 48))
  }
  const all = v128.xor(v128.xor(a, b), v128.xor(c, d))
  return i32x4.extract_lane(all, 0) ^ i32x4.extract_lane(all, 1) ^ i32x4.extract_lane(all, 2) ^ i32x4.extract_lane(all, 3)
}
`

/** The bytes of the module. */
export async function compileReadProbe() {
  let bytes
  const options = ['-O3', '--noAssert', '--runtime', 'stub', '--importMemory', '--enable', 'simd', '--outFile', 'out']
  const { error, stderr } = await main(['read.ts', ...options], {
    readFile: (name) => (name === 'read.ts' ? source : null),
    writeFile(name, written) {
      if (name === 'out') bytes = written
    },
    listFiles: () => [],
  })
  if (error || !bytes) throw new Error(`${stderr}${error ?? ''}`)
  return bytes
}
