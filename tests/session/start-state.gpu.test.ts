import { readFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { createEngine } from '../../src/engine.ts'
import { createByteSource } from '../../src/file/byte-source.ts'
import { openCheckpoint, readTensor } from '../../src/file/checkpoint.ts'
import { fileFetch } from '../../src/node/file-fetch.ts'
import { createOracleModel } from '../oracle/oracle-model.ts'
import type { LayerState7 } from '../oracle/rwkv7.ts'
import { expectClose } from '../tools/closeness.ts'
import { createDawn } from '../tools/dawn.ts'
import { testedDevice } from '../tools/engine.ts'
import { goldenFolder7 } from '../tools/golden.ts'

const IDS = [0, 18, 112, 233, 7]
const models = `${goldenFolder7}/models`
const open = async (name: string) => openCheckpoint(createByteSource(name, await readFile(`${models}/${name}`)))

test('a tuned start state gives the logits of the oracle, by its address, and as bytes', async () => {
  const oracle = await createOracleModel(await open('seven128.bf16.pth'))
  const tuned = await open('seven128.time_state.pth')
  const state = oracle.createState() as LayerState7[]
  for (const [layer, own] of state.entries()) own.s.set(await readTensor(tuned, `blocks.${layer}.att.time_state`))
  const expected = oracle.feed(state, IDS)

  const engine = createEngine({ gpu: createDawn(), device: testedDevice, fetch: fileFetch })
  const base = pathToFileURL(models).href
  const model = await engine.loadModel(`${base}/seven128.bf16.pth`)
  const given = [`${base}/seven128.time_state.pth`, new Uint8Array(await readFile(`${models}/seven128.time_state.pth`))]
  for (const initialState of given) {
    const fed = await model.createState({ initialState })
    await fed.feed(IDS)
    expectClose(await fed.logits(), expected, { atol: 1e-3 })
    await fed.dispose()
  }
  const plain = await model.createState()
  await plain.feed(IDS)
  const logits = await plain.logits()
  expect(logits.some((value, id) => Math.abs(value - expected[id]) > 0.1)).toBe(true)
  await expect(model.createState({ initialState: `${base}/seven128.bf16.pth` })).rejects.toMatchObject({
    code: 'session/initial-state',
  })
  await engine.dispose()
})
