import { expect, test } from 'vitest'
import { createBpeTokenizer, parseBpeVocabulary } from '../../src/text/bpe-tokenizer.ts'
import { bobAliceFormat, formatUser, plainFormat } from '../../src/text/prompt-format.ts'
import { conversationTokenizer, encodeMessage } from '../../src/text/special-tokens.ts'
import { tinyBpe } from '../tools/bpe-json.ts'

const [end, padding] = [0, 1]
const whole = await createBpeTokenizer(parseBpeVocabulary(tinyBpe(), 't'), 't')
const spelledOut = 'he <|endoftext|> <|padding|>'

test.each([bobAliceFormat, plainFormat])('no message holds a special token, in $user', (format) => {
  const tokenizer = conversationTokenizer(whole, format)
  const ids = encodeMessage(tokenizer, format, spelledOut)
  expect(ids.filter((id) => id === end || id === padding)).toEqual([])
  expect(ids).toEqual(whole.encode(formatUser(format, spelledOut), () => false))
  expect(tokenizer.encode(spelledOut)).toEqual(whole.encode(spelledOut, () => false))
})

test('a format that is written with a special token has it, around messages that have it not', () => {
  const format = { ...bobAliceFormat, user: '<|endoftext|>U:{text}<|endoftext|>\n', assistant: 'A:<|endoftext|>' }
  const tokenizer = conversationTokenizer(whole, format)
  const ids = encodeMessage(tokenizer, format, spelledOut)
  expect(ids.filter((id) => id === end || id === padding)).toEqual([end, end, end])
  expect([ids[0], ids.at(-1)]).toEqual([end, end])
  expect(tokenizer.encode('<|padding|>')).not.toContain(padding)
})
