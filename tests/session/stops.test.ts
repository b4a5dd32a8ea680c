import { expect, test } from 'vitest'
import { standInModel } from '../tools/stand-in-model.ts'

/** Without stop texts of its own. */
const bare = { user: 'U:{text}\n\n', assistant: 'A:', end: '\n\n', stop: [] }

/** A model that would say `reply` to any message. */
function modelSaying(reply: string) {
  const says = (text: string) => reply.slice(text.slice(text.lastIndexOf('A:') + 'A:'.length).length)
  return standInModel({ says }).model
}

test.each([
  ['without a format', undefined],
  ['in a format', { type: 'regex', pattern: '[ \\na-z]*' } as const],
])('a stop text of one’s own is not met in the white space that a reply begins with, %s', async (_, format) => {
  const session = await modelSaying('\n one\ntwo').createSession({ promptFormat: bare })
  const sampling = { maxTokens: 20, stop: ['\n', ' '], ...(format && { format }) }
  const { text, finishReason } = await session.prompt('Hi', { sampling }).summary
  expect([text, finishReason]).toEqual(['\n one', 'stop'])
  await session.append('Hi')
  expect((await session.respond({ sampling }).summary).text).toBe('') // behind a text there is no colon
})
