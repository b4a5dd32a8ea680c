import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cut, titleOf } from '../../demo/conversations/titles.ts'

describe('a title', () => {
  test.each([
    ['Tell me a story about a cat.', 'Story about a cat'],
    ['Please, can you tell me about the moon?', 'Moon?'],
    ['What is the capital of France? I forgot.', 'Capital of France?'],
    ['Hello!', 'Hello!'],
    ['Hi there, friend', 'There, friend'],
    ['please', 'Please'],
    ['What is', 'What is'],
    ['An ant. A bee.', 'Ant'],
    ['theory of colours', 'Theory of colours'],
    ['Explain `map` to me:\n\n```js\n[1].map(f)\n```', 'Explain map to me'],
    ['```js\nrun()\n```', '```js run() ```'],
    ['...', '...'],
    ['Über Straßen', 'Über Straßen'],
  ])('says what %j is about', (message, title) => {
    expect(titleOf(message)).toBe(title)
  })

  test('is short, on one line, and never empty for words', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (message) => {
        const title = titleOf(message)
        expect(Array.from(title).length).toBeLessThanOrEqual(50) // one letter may become two as a capital
        expect(title).not.toMatch(/[\n\r]/)
        expect(title.trim() === '').toBe(message.trim() === '')
      }),
    )
  })

  test('is cut at a word where that leaves half of it, and never within a character', () => {
    expect(cut('one two three', 9)).toBe('one two…')
    expect(cut('incomprehensibilities', 8)).toBe('incompre…')
    expect(cut('😀😀😀', 2)).toBe('😀😀…')
    expect(cut('as it is', 8)).toBe('as it is')
  })
})
