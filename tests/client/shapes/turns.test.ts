import { describe, expect, test } from 'vitest'
import { openSession, type Turn } from '../../../src/client/shapes/turns.ts'
import {
  bobAliceFormat,
  plainFormat,
  questionAnswerFormat,
  userAssistantFormat,
} from '../../../src/text/prompt-format.ts'
import { scriptedModel } from '../../tools/scripted-model.ts'

const turn = (said: string): Turn => {
  const [role, text] = said.split(': ') as [Turn['role'], string]
  return { role, text }
}

/** What a session has read when it is asked for its reply. */
async function contextOf(said: readonly string[], { promptFormat = userAssistantFormat, prefix = '' } = {}) {
  const { model, asked } = scriptedModel({ answer: () => '', promptFormat })
  const session = await openSession(model, { turns: said.map(turn), sampling: {}, prefix })
  await session.respond().summary
  return asked[0]?.context
}

describe('a conversation in turns', () => {
  test.each<[string, string[], string]>([
    ['a message', ['user: Hi'], 'User: Hi\n\nAssistant:'],
    [
      'a reply between',
      ['user: Hi', 'assistant: Yo', 'user: So?'],
      'User: Hi\n\nAssistant: Yo\n\nUser: So?\n\nAssistant:',
    ],
    ['the first system texts open it', ['system: A', 'system: B', 'user: Hi'], 'A\nB\n\nUser: Hi\n\nAssistant:'],
    ['a later one stands where it was said', ['user: Hi', 'system: A'], 'User: Hi\n\nA\n\nAssistant:'],
    ['messages in a row', ['user: a', 'user: b'], 'User: a\n\nUser: b\n\nAssistant:'],
    ['without a message', ['system: A'], 'A\n\nAssistant:'],
    ['a reply first', ['assistant: Yo', 'user: Hi'], 'Assistant: Yo\n\nUser: Hi\n\nAssistant:'],
    ['a reply last is followed by another', ['user: Hi', 'assistant: Yo'], 'User: Hi\n\nAssistant: Yo\n\nAssistant:'],
  ])('%s', async (_, said, context) => {
    expect(await contextOf(said)).toBe(context)
  })

  test('in the words of the model, behind its opener where there is no system text', async () => {
    expect(await contextOf(['user: Hi'], { promptFormat: bobAliceFormat })).toBe('Bob: Hi\n\nAlice:')
    const { opener } = questionAnswerFormat
    expect(await contextOf(['user: Hi'], { promptFormat: questionAnswerFormat })).toBe(
      `${opener}Question: Hi\n\nAnswer:`,
    )
    expect(await contextOf(['user: Once', 'assistant:  upon', 'user:  a'], { promptFormat: plainFormat })).toBe(
      'Once upon a',
    )
  })

  test('and the beginning of the reply', async () => {
    expect(await contextOf(['user: Hi'], { prefix: 'Yes, ' })).toBe('User: Hi\n\nAssistant: Yes,')
  })
})
