/**
 * @file `npm run wasm`: compiles the kernels in shaders/wasm/ with AssemblyScript, once with relaxed SIMD and once without, and
 * writes both into src/wasm/binary.ts. That file is committed, so that nothing else needs the compiler; tests
 * hold it to its source.
 */

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { deflateRawSync } from 'node:zlib'
import { main } from 'assemblyscript/asc'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = `${root}shaders/wasm`
const target = `${root}src/wasm/binary.ts`

/** The bytes of both, by the names of `binary.ts`. */
export async function compileWasm() {
  return { plain: await compile(), relaxed: await compile('--enable', 'relaxed-simd') }
}

/** SHA-256, in hex, of all that is compiled. */
export function sourceHash() {
  const hash = createHash('sha256')
  const files = readdirSync(folder, { recursive: true }).filter((file) => file.endsWith('.ts'))
  for (const file of files.sort()) hash.update(`${file}\n${readFileSync(`${folder}/${file}`)}`)
  return hash.digest('hex')
}

// For a memory that threads share; src/wasm/kernels.ts makes the same of them for one that is not.
const sharedMemory = ['--importMemory', '--sharedMemory', '--maximumMemory', '65536', '--enable', 'threads']
const common = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', ...sharedMemory]

async function compile(...features) {
  const files = new Map()
  const options = [...common, ...features]
  const { error, stderr } = await main(['shaders/wasm/index.ts', ...options, '--outFile', 'out.wasm'], {
    readFile: (name) => read(`${root}${name}`),
    writeFile: (name, bytes) => files.set(name, bytes),
    listFiles: () => [],
  })
  const printed = stderr.toString()
  if (error || printed) throw new Error(`${printed}${error ?? ''}`)
  return files.get('out.wasm')
}

function read(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { plain, relaxed } = await compileWasm()
  const text = deflateRawSync(Buffer.concat([plain, relaxed]), { level: 9 }).toString('base64')
  writeFileSync(
    target,
    `/** @file Made by \`npm run wasm\` from shaders/wasm/: two modules, the second with relaxed SIMD, deflated as one, in base64. */

/** SHA-256 of the files in shaders/wasm/. */
export const source = '${sourceHash()}'

/** Bytes of the first module. */
export const plainLength = ${plain.length}

export const modules =
  '${text}'
`,
  )
}
