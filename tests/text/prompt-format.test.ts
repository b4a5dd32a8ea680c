import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  bobAliceFormat,
  formatReply,
  formatSystem,
  formatUser,
  normalizeMessage,
  plainFormat,
  questionAnswerFormat,
  userAssistantFormat,
} from '../../src/text/prompt-format.ts'

describe('formatUser', () => {
  test.each([
    ['World, later', userAssistantFormat, 'User: Hi there\n\nAssistant:'],
    ['World of RWKV-4', questionAnswerFormat, 'Question: Hi there\n\nAnswer:'],
    ['Raven', bobAliceFormat, 'Bob: Hi there\n\nAlice:'],
    ['Pile', plainFormat, ' Hi there\n'],
  ])('%s', (_, format, expected) => {
    expect(formatUser(format, ' Hi there\n')).toBe(expected)
  })

  test('a message is taken literally, whatever it holds', () => {
    for (const message of ['{text}', '$&', '$1 $$', '{text}{text}'])
      expect(formatUser(userAssistantFormat, message)).toBe(`User: ${message}\n\nAssistant:`)
  })

  test('a format may show the message twice', () => {
    const format = { ...userAssistantFormat, user: '{text} Again: {text}\n\n' }
    expect(formatUser(format, 'Hi')).toBe('Hi Again: Hi\n\nAssistant:')
  })

  test('no message can end its own turn: the first stop text is the one behind it', () => {
    const law = fc.property(fc.string({ unit: fc.constantFrom('a', ' ', '\n', '\r', '\r\n', '\t') }), (message) => {
      const prompt = formatUser(userAssistantFormat, message)
      expect(prompt.indexOf('\n\n')).toBe(prompt.length - '\n\nAssistant:'.length)
    })
    fc.assert(law, { numRuns: 1000 })
  })

  test('no format that a model follows leaves a space or a line end behind its last colon', () => {
    for (const { assistant } of [userAssistantFormat, questionAnswerFormat, bobAliceFormat])
      expect(assistant).toMatch(/\w:$/)
  })

  test('the opener of RWKV-4 World is a finished exchange in its own format', () => {
    expect(questionAnswerFormat.opener).toMatch(/^Question: hi\n\nAnswer: Hi\. I am your assistant .* answer it\.\n\n$/)
  })
})

describe('normalizeMessage', () => {
  test.each([
    ['  a  b \n', 'a  b'],
    ['a\r\nb', 'a\nb'],
    ['a\rb', 'a\nb'],
    ['a\n\n\nb\r\n\r\nc', 'a\nb\nc'],
    ['\n \n', ''],
    ['', ''],
  ])('%j becomes %j', (text, expected) => {
    expect(normalizeMessage(text)).toBe(expected)
  })

  test('twice is once', () => {
    const law = fc.property(fc.string({ unit: fc.constantFrom('a', ' ', '\n', '\r', '\u2028') }), (text) => {
      expect(normalizeMessage(normalizeMessage(text))).toBe(normalizeMessage(text))
    })
    fc.assert(law)
  })
})

test('a text of the system stands in its own words, or alone in front of the turns', () => {
  const format = { ...userAssistantFormat, system: 'System: {text}\n\n' }
  expect(formatSystem(format, ' Be\r\n\r\nkind. $&\n')).toBe('System: Be\nkind. $&\n\n')
  expect(formatSystem(userAssistantFormat, ' Be kind.\n')).toBe('Be kind.\n\n')
})

test('where a blank line does not stop a reply, it keeps its paragraphs, and only line ends behind it go', () => {
  const format = { ...userAssistantFormat, stop: ['\nUser:'] }
  expect(formatReply(format, ' One.\n\n  Two. \n\n\n')).toBe(' One.\n\n  Two. ')
})

test('a reply stands behind the colon with one space, and in plain text as it is', () => {
  expect(formatReply(userAssistantFormat, ' Once\r\n\nupon. ')).toBe(' Once\nupon.')
  expect(formatReply(plainFormat, ' Once\n\n')).toBe(' Once\n\n')
})
