/**
 * @file The worker's address as pages with Trusted Types want it. The policy is called `rwkv`, makes script URLs only,
 * and stays in this module: nothing else on the page can use it.
 */

import { RwkvError } from '../core/errors.ts'

interface Policy {
  createScriptURL(url: string): string | URL
}

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): Policy
}

let policy: Policy | undefined

/**
 * `url` for `new Worker`; as it is where the browser knows no Trusted Types.
 * @throws RwkvError `worker/unavailable` if the page's policy does not let us make one.
 */
export function trustedWorkerUrl(url: string | URL): string | URL {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes }
  if (!trustedTypes) return url
  try {
    policy ??= trustedTypes.createPolicy('rwkv', { createScriptURL: (worker) => worker })
  } catch (cause) {
    throw new RwkvError(
      'worker/unavailable',
      `The page's Content-Security-Policy does not let rwkv.js start its worker: ${cause instanceof Error ? cause.message : String(cause)}. Add rwkv to its trusted-types, and load one copy of rwkv.js only.`,
      { cause },
    )
  }
  return policy.createScriptURL(String(url))
}
