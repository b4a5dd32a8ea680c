import { describe, expect, test } from 'vitest'
import { describeWeights } from '../../../src/model/family.ts'
import { families } from '../../../src/rwkv/v7/families.ts'
import { formatReply, formatSystem, formatUser } from '../../../src/text/prompt-format.ts'

const V = 65_536
const describe7 = (file: string, folder: string) => describeWeights({ file, folder, V, families })

/** By its file's name, or by those around it. */
const models: readonly (readonly [file: string, folder: string])[] = [
  ['rwkv7-g1d-0.1b-20260129-ctx8192.pth', ''],
  ['RWKV-x070-World-0.4B-v2.9-20250107-ctx4096.pth', ''],
  ['model.safetensors', 'hf:fla-hub/rwkv7-0.1B-g1'],
  ['model.safetensors', 'hf:fla-hub/rwkv7-1.5B-world'],
]

describe('RWKV-7 is spoken to as it was taught', () => {
  test.each(models)('%s %s: the same turns', (file, folder) => {
    const { description, warnings } = describe7(file, folder)
    const format = description.promptFormat
    expect(warnings).toEqual([])
    const text = [
      formatSystem(format, ' Be kind.\r\n\r\nBe brief. '),
      formatUser(format, 'Hi.\n\n\nWho?\n'),
      formatReply(format, ' I.\n\nMe.\n\n\n'),
      format.end,
      formatUser(format, 'So?'),
    ].join('')
    expect(text).toBe(
      'System: Be kind.\nBe brief.\n\nUser: Hi.\nWho?\n\nAssistant: I.\n\nMe.\n\nUser: So?\n\nAssistant:',
    )
    expect(format.stop).toEqual(['\nUser:'])
    expect(description.eosTokenId).toBe(0)
  })

  test.each(models)('%s %s: thinking is offered where the name says G1, and nowhere else', (file, folder) => {
    const { think } = describe7(file, folder).description.promptFormat
    expect(think !== undefined).toBe(/g1/.test(file + folder))
    if (think) expect([think.skip, think.open, think.close]).toEqual([' <think></think', ' <think', '</think>'])
  })

  test.each([
    ['rwkv7-g1c-2.9b-20251231.pth', true],
    ['rwkv7-g1k-1.5b-20260930-ctx25600.pth', true],
    ['RWKV7-G2a.safetensors', true],
    ['rwkv7-g1-0.1b-20250307-ctx4096.pth', false],
    ['rwkv7g1b.pth', false],
    ['rwkv7-g1chat.pth', false],
    ['RWKV7-Goose-World3-1.5B.pth', false],
  ])('%s fills gaps: %s', (file, fills) => {
    const { fillIn } = describe7(file, '').description.promptFormat
    expect(fillIn).toEqual(fills ? { text: '✿prefix✿✿suffix✿{suffix}✿middle✿{prefix}', stop: '✿' } : undefined)
  })

  test.each([
    ['rwkv7-g1k-1.5b-20260930-ctx25600.pth', true],
    ['RWKV7-G2.safetensors', true],
    ['rwkv7g1a.pth', true],
    ['rwkv7-big1.pth', false],
    ['RWKV7-Goose-World3-1.5B.pth', false],
    ['rwkv7.pth', false],
  ])('%s thinks: %s', (file, thinks) => {
    expect(describe7(file, '').description.promptFormat.think !== undefined).toBe(thinks)
  })

  test.each(models)('%s %s: sampled as their cards say, numbers as often as they like', (file, folder) => {
    const { sampling } = describe7(file, folder).description
    expect(sampling.topP).toBeGreaterThanOrEqual(0.3)
    expect(sampling.topP).toBeLessThanOrEqual(0.5)
    expect(sampling).toMatchObject({ temperature: 1, penaltyDecay: 0.99 })
    expect(sampling.frequencyExempt).toEqual(expect.arrayContaining([' ', '\t', '0', '9', '42']))
  })
})
