import { expect, test } from 'vitest'
import { rwkv4Tensors } from '../model/rwkv4-tensors.ts'
import { tinyBpe } from '../tools/bpe-json.ts'
import { withEngine } from '../tools/engine.ts'
import { buildSafetensors } from '../tools/safetensors-bytes.ts'

const text = 'he<|endoftext|>hel'
const weights = buildSafetensors(rwkv4Tensors({ L: 1, C: 64, F: 64, V: 263 }, 'F32'))
const files = [new File([weights], 'pile.safetensors'), new File([tinyBpe()], 'tokenizer.json')]

test('special tokens go both ways by hand, and never into a conversation by what is said in it', () =>
  withEngine(async (engine) => {
    const model = await engine.loadModel(files)
    expect(await model.encode(text)).toEqual([258, 0, 259])
    expect(await model.decode([258, 0, 259])).toBe(text)
    expect(await model.encode(text, { special: false })).not.toContain(0)

    const session = await model.createSession({ system: text })
    await session.append(text, { role: 'text' })
    await session.append(text, { role: 'assistant' })
    const { ids } = await session.prompt(text, { sampling: { maxTokens: 3 } }).summary
    const said = await session.transcript()
    expect(said.map(({ role }) => role)).toEqual(['text', 'assistant', 'user', 'assistant'])
    expect(said.flatMap((message) => message.ids).concat(ids)).not.toContain(0)

    const plain = await model.createSession({ plain: true })
    await plain.append(text)
    expect((await plain.transcript())[0]?.ids).toEqual([258, 0, 259])
    await model.dispose()
  }))
