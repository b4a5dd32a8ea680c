import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { openUrl } from '../../src/file/byte-source.ts'
import { openCheckpoint } from '../../src/file/checkpoint.ts'
import { createGpu } from '../../src/gpu/device.ts'
import { createKernel } from '../../src/gpu/kernel.ts'
import { gpuPreset, softwarePreset } from '../../src/kernels/preset.ts'
import { createNullDawn } from '../tools/dawn.ts'
import { goldenModel } from '../tools/engine.ts'
import { fileFetch } from '../tools/file-fetch.ts'
import { createForward } from '../tools/forward.ts'

// Dawn's null backend validates WGSL and pipelines with the rules of the browser, and needs no driver.

const shaders = fileURLToPath(new URL('../../shaders', import.meta.url))
const files = readdirSync(shaders, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.wgsl'))

describe('every shader, in every variant', () => {
  const compiled = new Set<string>()

  for (const preset of [softwarePreset, gpuPreset]) {
    for (const codec of ['f32', 'f16', 'bf16', 'q8', 'q4'] as const) {
      test(`compiles with ${codec} weights and the ${preset.name} preset`, async () => {
        const gpu = await createGpu(createNullDawn())
        const createShaderModule = gpu.device.createShaderModule.bind(gpu.device)
        gpu.device.createShaderModule = (descriptor) => {
          compiled.add(descriptor.code)
          return createShaderModule(descriptor)
        }
        const checkpoint = await openCheckpoint(
          await openUrl({ url: goldenModel('plain64.f32.safetensors'), fetch: fileFetch }),
        )
        const parts = await gpu.scoped('the forward pass', () => createForward(gpu, checkpoint, { codec, preset }))
        const entry = { slot: await parts.pool.allocate(), ids: [0], outputs: 'none' } as const
        await parts.forward.trace(entry, { layers: [0], of: ['wkv'] })
        parts.dispose()
        expect(gpu.counters.gpuByteLength).toBe(0)
        gpu.dispose()
      })
    }
  }

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
