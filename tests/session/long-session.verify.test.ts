import { expect, test } from 'vitest'
import { standInModel } from '../tools/stand-in-model.ts'

const TURNS = 20_000
const PARTS = 8

test('of 20,000 turns the last take the bytes and the time of the first, and all of it is saved and restored', async () => {
  const { model } = standInModel()
  const session = await model.createSession()
  const parts: { readonly byteLength: number; readonly cpuMs: number }[] = []
  let saved = await session.save()
  for (let part = 0; part < PARTS; part++) {
    const begun = process.cpuUsage()
    for (let turn = 0; turn < TURNS / PARTS; turn++)
      await session.prompt('What is a cat to a dog?', { sampling: { maxTokens: 2 } }).summary
    const { user, system } = process.cpuUsage(begun)
    const before = saved.length
    saved = await session.save()
    parts.push({
      byteLength: (saved.length - before) / (TURNS / PARTS),
      cpuMs: (user + system) / 1000 / (TURNS / PARTS),
    })
  }
  const start = performance.now()
  const restored = await model.restoreSession(saved)
  const restoreMs = performance.now() - start
  const again = await restored.save()
  console.log(
    JSON.stringify({ parts, byteLength: saved.length, restoreMs, saveMs: performance.now() - start - restoreMs }),
  )
  expect(Buffer.compare(again, saved)).toBe(0) // `toEqual` looks at each byte for minutes
  expect(JSON.stringify(await restored.transcript())).toBe(JSON.stringify(await session.transcript()))
  const [first, last] = [parts[0], parts.at(-1)]
  if (!first || !last) throw new Error('nothing was measured')
  expect(last.byteLength).toBeLessThan(1.1 * first.byteLength)
  expect(last.cpuMs).toBeLessThan(2 * first.cpuMs) // CPU time, of which other work on the machine takes little
}, 600_000)
