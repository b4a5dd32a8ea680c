/**
 * @file A server in a function: what `openUrl` needs of `fetch`, with the misbehaviours of real servers.
 */

/** How the server behaves. */
export interface FakeServer {
  readonly body: Uint8Array<ArrayBuffer>
  readonly status?: number
  /** False answers 200 with everything. */
  readonly ranges?: boolean
  readonly headers?: Readonly<Record<string, string>>
  /** Bytes left off the end of every answer. */
  readonly short?: number
  /** Content-Range is not readable, as across origins without Access-Control-Expose-Headers. */
  readonly hidesRange?: boolean
}

/** A request as the server saw it. */
export interface SeenRequest {
  readonly url: string
  readonly range: string | undefined
  readonly headers: Headers
}

/** A `fetch` that asks `server()`, and the requests it saw. */
export function createFakeFetch(server: FakeServer | (() => FakeServer)): { fetch: typeof fetch; seen: SeenRequest[] } {
  const seen: SeenRequest[] = []
  const fake = async (url: string | URL | Request, init?: RequestInit): Promise<Response> => {
    init?.signal?.throwIfAborted()
    const headers = new Headers(init?.headers)
    const range = headers.get('range') ?? undefined
    seen.push({ url: String(url), range, headers })
    return answer(typeof server === 'function' ? server() : server, range)
  }
  return { fetch: fake, seen }
}

function answer(server: FakeServer, range: string | undefined): Response {
  const { body, status = 200, ranges = true, short = 0, hidesRange = false } = server
  const headers = new Headers(server.headers)
  if (status !== 200) return new Response('no', { status, headers })
  const [, from = '', to = ''] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? []
  if (!ranges || range === undefined) {
    headers.set('content-length', String(body.length))
    return new Response(body.slice(0, body.length - short), { headers })
  }
  if (Number(from) >= body.length) {
    return new Response(null, { status: 416, headers: { 'content-range': `bytes */${body.length}` } })
  }
  const part = body.slice(Number(from), Number(to) + 1)
  if (!hidesRange) headers.set('content-range', `bytes ${from}-${Number(from) + part.length - 1}/${body.length}`)
  return new Response(part.slice(0, part.length - short), { status: 206, headers })
}
