import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createAnswerRequest } from '../../../src/client/openai/answer-request.ts'
import { createOpenAI } from '../../../src/client/openai.ts'
import { userAssistantFormat } from '../../../src/text/prompt-format.ts'
import { scriptedModel } from '../../tools/scripted-model.ts'
import { toolFormat } from './tool-format.ts'

/** A request as OpenAI's reference documents it, what the model says to it, and the answer it must get. */
interface Recorded {
  readonly name: string
  /** Where in the reference. */
  readonly reference: string
  readonly says: string
  readonly path: string
  readonly request: object
  readonly status: number
  /** The body; of a stream, the data of each event. */
  readonly answer: unknown
}

const recorded: readonly Recorded[] = JSON.parse(
  readFileSync(new URL('../../golden/openai/requests.json', import.meta.url), 'utf8'),
)

/** A clock that counts how often it is read, and ids that count up. */
function surroundings() {
  let reads = 0
  let ids = 0
  return { now: () => reads++, date: () => 1_700_000_000_000, randomId: () => `${ids++}` }
}

describe('recorded requests', () => {
  test.each(recorded)(
    '$name ($reference) has its documented answer',
    async ({ says, path, request, status, answer }) => {
      const { model, alive } = scriptedModel({
        answer: () => says,
        promptFormat: { ...userAssistantFormat, tools: toolFormat },
      })
      const ask = createAnswerRequest(model, createOpenAI(model, surroundings()))
      const response = await ask(`http://page.test${path}`, { method: 'POST', body: JSON.stringify(request) })
      const isStream = response.headers.get('content-type') === 'text/event-stream'
      const body = await response.text()
      const found = isStream ? body.trim().split('\n\n').map(dataOf) : JSON.parse(body)
      expect({ status: response.status, answer: found }).toEqual({ status, answer })
      expect(alive()).toBe(0)
    },
  )
})

function dataOf(event: string): unknown {
  const data = event.replace(/^data: /, '')
  return data === '[DONE]' ? data : JSON.parse(data)
}
