/**
 * @file What the built pages may do, in one place: the policy stands in each page's HTML, so that it holds on any host,
 * and `vite preview` sends it as a header too, with those headers that HTML cannot carry. `public/_headers` says the same
 * to static hosts (a test compares them).
 */

import type { Plugin } from 'vite'

/** Where models may come from: the page's own origin and the Hub, whose files are served by its storage hosts. */
const MODEL_HOSTS = ['https://huggingface.co', 'https://*.huggingface.co', 'https://*.hf.co']

const directives: Readonly<Record<string, string>> = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self'",
  'img-src': "'self' data:", // the icon of the pages, see inline-icon.ts
  'worker-src': "'self'",
  'manifest-src': "'self'",
  'connect-src': `'self' ${MODEL_HOSTS.join(' ')}`,
  'base-uri': "'none'",
  'form-action': "'none'",
  'require-trusted-types-for': "'script'",
  'trusted-types': 'rwkv lit-html',
}

/** Directives that are ignored in a `<meta>`. */
const headerOnly: Readonly<Record<string, string>> = { 'frame-ancestors': "'self'" }

const write = (policy: Readonly<Record<string, string>>) =>
  Object.entries(policy)
    .map(([name, value]) => `${name} ${value}`)
    .join('; ')

/** The policy as it stands in the pages. */
export const pagePolicy = write(directives)

/**
 * Directives of the header alone. A worker obeys the policy of its own response, and hosts give all files one header, so
 * what a worker may do stands here: the Lab's transformer runs in WebAssembly. Pages obey what stands in them as well.
 */
const workerToo: Readonly<Record<string, string>> = { 'script-src': "'self' 'wasm-unsafe-eval'" }

/** Headers for pages, workers and everything beside them. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'Content-Security-Policy': write({ ...directives, ...workerToo, ...headerOnly }),
  // These two give the page threads; what it takes from elsewhere it fetches with CORS, as the second wants.
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
}

/** Writes the policy into every page that is built. */
export function contentSecurity(): Plugin {
  return {
    name: 'rwkv:content-security',
    apply: 'build',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: pagePolicy },
        injectTo: 'head-prepend',
      },
    ],
  }
}
