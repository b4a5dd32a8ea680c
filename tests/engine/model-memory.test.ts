import { describe, expect, test } from 'vitest'
import { createModelMemory } from '../../src/engine/model-memory.ts'

/** Models of 10 bytes each, the first used longest ago; `disposed` are those that were. */
function loaded(names: readonly string[]) {
  const memory = createModelMemory()
  const disposed: string[] = []
  const models = names.map((name, at) => {
    const model = {
      name,
      use: { at },
      byteLength: () => 10,
      async dispose() {
        disposed.push(name)
        unregister()
      },
    }
    const unregister = memory.add(model)
    return model
  })
  return { memory, disposed, models }
}

const wanted = { name: 'new', byteLength: 10 }

describe('the memory of models', () => {
  test('without a budget every model fits', async () => {
    const { memory, disposed } = loaded(['a', 'b'])
    await memory.reserve(wanted, {})
    expect(disposed).toEqual([])
  })

  test('the least recently used are disposed, and no more than needed', async () => {
    const { memory, disposed, models } = loaded(['a', 'b', 'c'])
    if (models[0]) models[0].use.at = 9
    const cancel = await memory.reserve(wanted, { budgetByteLength: 30, evict: 'least-recently-used' })
    expect(disposed).toEqual(['b'])
    cancel()
    const again = await memory.reserve(wanted, { budgetByteLength: 30, evict: 'least-recently-used' })
    again()
    expect(disposed).toEqual(['b']) // two are left, a third fits
    await memory.reserve(wanted, { budgetByteLength: 19, evict: 'least-recently-used' })
    expect(disposed).toEqual(['b', 'c', 'a'])
  })

  test('without `evict` no model is disposed: the load is refused', async () => {
    const { memory, disposed } = loaded(['a', 'b'])
    await expect(memory.reserve(wanted, { budgetByteLength: 29 })).rejects.toMatchObject({
      code: 'gpu/limits',
      message: expect.stringMatching(/new takes 10 bytes, .* loaded take 20; the budget is 29/),
    })
    await memory.reserve(wanted, { budgetByteLength: 30 })
    expect(disposed).toEqual([])
  })

  test('a model above the whole budget disposes no other', async () => {
    const { memory, disposed } = loaded(['a'])
    const options = { budgetByteLength: 9, evict: 'least-recently-used' } as const
    await expect(memory.reserve(wanted, options)).rejects.toMatchObject({ code: 'gpu/limits' })
    expect(disposed).toEqual([])
  })

  test('bytes reserved for one load are not there for another, until the load has ended', async () => {
    const { memory, disposed } = loaded(['a'])
    const options = { budgetByteLength: 25, evict: 'least-recently-used' } as const
    const cancel = await memory.reserve(wanted, options)
    expect(disposed).toEqual([])
    await expect(memory.reserve({ ...wanted, byteLength: 16 }, options)).rejects.toMatchObject({ code: 'gpu/limits' })
    await memory.reserve(wanted, options)
    expect(disposed).toEqual(['a'])
    cancel()
    await memory.reserve({ ...wanted, byteLength: 15 }, options)
  })
})
