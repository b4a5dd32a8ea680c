import { describe, expect, test } from 'vitest'
import { createDrafts } from '../../demo/conversations/drafts.ts'
import { formatFor, isGuess, keepSettings, promptFormats, type Settings } from '../../demo/settings.ts'
import {
  numberOptions,
  parseBiases,
  parseIds,
  parseLines,
  presetOf,
  presets,
  writeBiases,
  writeLines,
} from '../../demo/views/settings/options.ts'
import { describeWeights } from '../../src/model/family.ts'
import { families } from '../../src/rwkv/v4/families.ts'
import { defaultSampling, resolveSampling } from '../../src/sample/options.ts'

/** A storage. */
function fakeStorage(kept: Record<string, string> = {}) {
  return {
    kept,
    getItem: (key: string) => kept[key] ?? null,
    setItem(key: string, value: string) {
      kept[key] = value
    },
  }
}

describe('settings', () => {
  test('are told at once, kept, and read again', () => {
    const storage = fakeStorage()
    const told: Settings[] = []
    const settings = keepSettings(storage, (now) => told.push(now))
    settings.change({ theme: 'dark', sampling: { temperature: 0.5 } })
    settings.change({ theme: undefined, system: 'You like cats.' })
    const last = { sampling: { temperature: 0.5 }, system: 'You like cats.' }
    expect(told).toEqual([{}, { theme: 'dark', sampling: { temperature: 0.5 } }, last])
    expect(keepSettings(storage, () => {}).now).toEqual(last)
  })

  test('that are damaged are as if there were none', () => {
    for (const damaged of [
      '',
      '{',
      'null',
      '[1]',
      '{"theme":"pink","fontSize":"big","sampling":3,"system":1,"promptFormat":"toString"}',
    ])
      expect(keepSettings(fakeStorage({ 'rwkv.js settings': damaged }), () => {}).now).toEqual({})
  })
})

describe('the prompt format', () => {
  test('of one model comes before that of all, and what is no format is none', () => {
    const kept = { promptFormat: 'bobAlice', formats: { mine: 'plain', other: 'toString' } }
    const { now } = keepSettings(fakeStorage({ 'rwkv.js settings': JSON.stringify(kept) }), () => {})
    expect(formatFor('mine', now)).toBe(promptFormats.plain)
    for (const model of ['other', 'toString', 'third']) expect(formatFor(model, now)).toBe(promptFormats.bobAlice)
    expect(formatFor('mine', {})).toBeUndefined()
  })

  test('is known for a guess by what the engine says of it, and by nothing else', () => {
    const describe = (file: string) => describeWeights({ file, folder: '', V: 65_536, families }).warnings
    expect(describe('mine.pth').map(isGuess)).toEqual([true])
    expect(describe('rwkv-4-world.pth')).toEqual([])
    expect(isGuess('The GPU was lost.')).toBe(false)
  })
})

describe('drafts', () => {
  test('are kept for each conversation, and go when they are empty', () => {
    const storage = fakeStorage()
    const drafts = createDrafts(storage)
    drafts.write(undefined, 'new')
    drafts.write('a', 'of a')
    drafts.write('b', 'of b')
    drafts.write('b', '')
    const again = createDrafts(storage)
    expect([again.read(undefined), again.read('a'), again.read('b')]).toEqual(['new', 'of a', ''])
    expect(createDrafts(fakeStorage({ 'rwkv.js drafts': '[["a"],3,["b","x"]]' })).read('b')).toBe('x')
  })
})

describe('options of the settings', () => {
  test('have a field for every number of the engine, whose ends the engine takes', () => {
    expect(new Set(Object.keys(numberOptions))).toEqual(new Set([...Object.keys(defaultSampling), 'seed']))
    for (const [name, [least, most]] of Object.entries(numberOptions))
      for (const value of [least, most]) expect(() => resolveSampling({ [name]: value })).not.toThrow()
  })

  test('have presets that the engine takes and that are told from one another', () => {
    for (const [name, preset] of Object.entries(presets)) {
      expect(() => resolveSampling(preset)).not.toThrow()
      expect(presetOf({ ...preset })).toBe(name)
    }
    expect(presetOf({ temperature: 0.123 })).toBeUndefined()
    expect(presetOf({ topP: 0.4, temperature: 0.6 })).toBe('careful')
  })

  test('are written as they are read', () => {
    expect(parseLines('\\n\\n\n\nUser:')).toEqual(['\n\n', 'User:'])
    expect(writeLines(['\n\n', 'User:'])).toBe('\\n\\n\nUser:')
    expect([parseLines('\n'), parseIds(' '), parseBiases('')]).toEqual([undefined, undefined, undefined])
    expect(parseIds('1, 20 300')).toEqual([1, 20, 300])
    expect([parseIds('1, x'), parseIds('1.5'), parseBiases('cat'), parseBiases(' cat 101')]).toEqual([
      null,
      null,
      null,
      null,
    ])
    expect(parseBiases(' cat 2\nUser: -1.5')).toEqual([
      { token: ' cat', bias: 2 },
      { token: 'User:', bias: -1.5 },
    ])
    expect(writeBiases([{ token: ' cat', bias: 2 }])).toBe(' cat 2')
  })
})
