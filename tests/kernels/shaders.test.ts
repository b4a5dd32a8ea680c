import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { createGpu } from '../../src/gpu/device.ts'
import { createKernel } from '../../src/gpu/kernel.ts'
import { createNullDawn } from '../tools/dawn.ts'
import { compileVariants, variantKinds } from '../tools/shader-variants.ts'

const shaders = fileURLToPath(new URL('../../shaders', import.meta.url))
const files = readdirSync(shaders, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.wgsl'))

describe('every shader, in every variant', () => {
  const compiled = new Set<string>()

  test.each(variantKinds)('compiles with $codec weights and the $preset.name preset', async (kind) => {
    const variants = await compileVariants(kind)
    expect(variants.length).toBeGreaterThan(8)
    for (const { code } of variants) compiled.add(code)
  })

  test.each(files)('%s is one of them', (file) => {
    const code = readFileSync(`${shaders}/${file}`, 'utf8')
    expect([...compiled].some((module) => module.includes(code))).toBe(true)
  })
})

test('a shader that does not compile is reported by file and line', async () => {
  const gpu = await createGpu(createNullDawn())
  const parts = [
    { name: 'first.wgsl', code: 'const A = 1u;\n' },
    { name: 'second.wgsl', code: '\n@compute @workgroup_size(1)\nfn main() {\n  let wrong: i32 = A;\n}\n' },
  ]
  await expect(createKernel(gpu, { label: 'wrong', parts, bindings: [], constants: {} })).rejects.toMatchObject({
    code: 'gpu/shader',
    message: expect.stringContaining('second.wgsl:4'),
  })
  gpu.dispose()
})
