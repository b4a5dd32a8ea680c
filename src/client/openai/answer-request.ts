/**
 * @file Requests as clients of OpenAI send them, answered without a network: for `new OpenAI({ fetch })`, and for a service
 * worker that answers a `baseURL` of the page's own.
 */

import type { Model } from '../../core/protocol.ts'
import { errorBody, refusal } from './errors.ts'
import type { ChatRequest, CompletionRequest, OpenAIShape } from './types.ts'

/** Answers requests, as `fetch` does. */
export type AnswerRequest = (input: RequestInfo | URL, init?: RequestInit) => Promise<Response>

/**
 * A `fetch` that answers `POST …/chat/completions`, `POST …/completions` and `GET …/models`, whatever the host, with the
 * body and the status that OpenAI's server would answer with. Aborting the request or cancelling the body ends the reply.
 */
export function createAnswerRequest({ info }: Model, { chat, completions }: OpenAIShape): AnswerRequest {
  const makers: readonly [RegExp, (body: unknown, signal: AbortSignal) => Promise<object>][] = [
    [/\/chat\/completions$/, (body, signal) => chat.completions.create(body as ChatRequest, { signal })],
    [/\/completions$/, (body, signal) => completions.create(body as CompletionRequest, { signal })],
  ]
  return async (input, init) => {
    const request = new Request(input, init)
    const { signal } = request
    try {
      const { pathname } = new URL(request.url)
      if (request.method === 'GET' && pathname.endsWith('/models'))
        return Response.json({
          object: 'list',
          data: [{ id: info.name, object: 'model', created: 0, owned_by: 'rwkv.js' }],
        })
      const [, make] = makers.find(([pattern]) => request.method === 'POST' && pattern.test(pathname)) ?? []
      if (!make)
        throw refusal(
          null,
          'unknown_url',
          `There is no ${request.method} ${pathname} here. Expected POST /chat/completions, POST /completions or GET /models.`,
        )
      const answer = await make(await bodyOf(request), signal)
      return Symbol.asyncIterator in answer ? streamed(answer as AsyncIterable<object>) : Response.json(answer)
    } catch (error) {
      signal.throwIfAborted()
      const { status, body } = errorBody(error)
      return Response.json(body, { status })
    }
  }
}

async function bodyOf(request: Request): Promise<unknown> {
  try {
    return await request.json()
  } catch {
    throw refusal(null, 'invalid_type', 'The body of the request is not JSON.')
  }
}

/** Server-sent events, a chunk each. */
function streamed(chunks: AsyncIterable<object>): Response {
  const iterator = chunks[Symbol.asyncIterator]()
  const encoder = new TextEncoder()
  const event = (data: string) => encoder.encode(`data: ${data}\n\n`)
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { value, done } = await iterator.next()
        controller.enqueue(event(done ? '[DONE]' : JSON.stringify(value)))
        if (done) controller.close()
      } catch (error) {
        controller.enqueue(event(JSON.stringify(errorBody(error).body)))
        controller.close()
      }
    },
    async cancel() {
      await iterator.return?.()
    },
  })
  return new Response(body, { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' } })
}
