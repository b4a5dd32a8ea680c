/** @file What a report of a fault needs to say about where it happened. No word of a conversation is in it. */

import { type ModelInfo, storageRoom } from '../../../src/index.ts'

/** Plain data, for JSON. */
export interface Diagnostics {
  readonly rwkvJs: string
  readonly browser: string
  readonly language: string
  readonly processors: number
  readonly secureContext: boolean
  readonly webGpu: boolean
  readonly storage: { readonly usedByteLength: number; readonly quotaByteLength: number }
  /** Null while no model is loaded. */
  readonly model: Omit<ModelInfo, 'promptFormat' | 'sampling'> | null
}

/** Version of this page. */
export const version: string = import.meta.env.VITE_RWKV_VERSION

/** Ask the browser, and take from `info` what says where and what, not how one speaks with it. */
export async function readDiagnostics(info: ModelInfo | undefined): Promise<Diagnostics> {
  return {
    rwkvJs: version,
    browser: navigator.userAgent,
    language: navigator.language,
    processors: navigator.hardwareConcurrency,
    secureContext: isSecureContext,
    webGpu: 'gpu' in navigator,
    storage: await storageRoom(),
    model: info ? withoutSpeech(info) : null,
  }
}

function withoutSpeech({ promptFormat: _, sampling: __, ...rest }: ModelInfo): Diagnostics['model'] {
  return rest
}
