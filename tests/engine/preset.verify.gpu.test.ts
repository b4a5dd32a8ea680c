import { expect, test } from 'vitest'
import { goldenModel, withEngine } from '../tools/engine.ts'

test('a load may choose the preset of its kernels; others keep that of the adapter', () =>
  withEngine(async (engine) => {
    const source = goldenModel('plain64.f32.safetensors')
    for (const [options, expected] of [[{ preset: 'gpu' } as const, 'gpu'] as const, [{}, 'software'] as const]) {
      const model = await engine.loadModel(source, options)
      expect(model.info.preset).toBe(expected)
      await model.dispose()
    }
    const preset = 'fast' as 'gpu'
    await expect(engine.loadModel(source, { preset })).rejects.toMatchObject({ code: 'option/invalid' })
  }))
