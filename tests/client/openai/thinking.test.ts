import { describe, expect, test } from 'vitest'
import { createOpenAI } from '../../../src/client/openai.ts'
import type { Family } from '../../../src/model/version.ts'
import { families } from '../../../src/rwkv/v7/families.ts'
import { scriptedModel } from '../../tools/scripted-model.ts'

const messages = [{ role: 'user', content: 'Why?' }] as const

/** A model that thinks. */
function thinker() {
  const promptFormat = (families[0] as Family).promptFormat
  const { model, asked } = scriptedModel({ answer: () => 'So it is.', thinks: 'Well, hm.', promptFormat })
  return { create: createOpenAI(model).chat.completions.create, asked }
}

describe("thoughts in OpenAI's shape", () => {
  test.each([
    ['low', ' (think a bit)'],
    ['medium', ' (think)'],
    ['high', ' (think a lot)'],
  ])('reasoning_effort %s asks for them, and they come apart', async (reasoning_effort, hint) => {
    const { create, asked } = thinker()
    const { choices, usage } = await create({ messages, reasoning_effort })
    expect(choices[0]?.message).toMatchObject({ content: 'So it is.', reasoning_content: 'Well, hm.' })
    expect(usage).toMatchObject({ completion_tokens: 5, completion_tokens_details: { reasoning_tokens: 2 } })
    expect(asked[0]?.context).toBe(`User: Why?${hint}\n\nAssistant:`)
  })

  test.each([undefined, null, 'none', 'minimal'])('reasoning_effort %s asks for none', async (reasoning_effort) => {
    const { create, asked } = thinker()
    const { choices, usage } = await create({ messages, ...(reasoning_effort !== undefined && { reasoning_effort }) })
    expect(choices[0]?.message).toEqual({ role: 'assistant', content: 'So it is.', refusal: null })
    expect(usage).not.toHaveProperty('completion_tokens_details')
    expect(asked[0]?.context).toBe('User: Why?\n\nAssistant:')
  })

  test('in a stream they come before the first word, each choice by itself; their tokens are no part of logprobs', async () => {
    const { create } = thinker()
    const request = { messages, reasoning_effort: 'low', n: 2, logprobs: true, stream: true } as const
    const heard: Record<string, string>[] = [{}, {}]
    for await (const { choices } of await create(request))
      for (const { index, delta, logprobs } of choices) {
        const choice = heard[index] as Record<string, string>
        if (delta.reasoning_content) expect(choice.content).toBeUndefined()
        if (delta.reasoning_content) choice.reasoning = (choice.reasoning ?? '') + delta.reasoning_content
        if (delta.content) choice.content = (choice.content ?? '') + delta.content
        for (const { token } of logprobs?.content ?? []) choice.tokens = (choice.tokens ?? '') + token
      }
    const whole = { reasoning: 'Well, hm.', content: 'So it is.', tokens: 'So it is.' }
    expect(heard).toEqual([whole, whole])
  })

  test('of an earlier answer are taken and not read', async () => {
    const { create, asked } = thinker()
    const earlier = { role: 'assistant', content: 'It is.', reasoning_content: 'Hm.' } as const
    await create({ messages: [...messages, earlier, ...messages] })
    expect(asked[0]?.context).toBe('User: Why?\n\nAssistant: It is.\n\nUser: Why?\n\nAssistant:')
  })
})
