/** @file What stands in place of the chat where no model can run: why, and what to do by browser. */

import { text } from '../text.ts'
import { element } from './dom.ts'

/** The page without a chat. */
export interface Unsupported {
  readonly element: HTMLElement
  /** Why, where the engine has found out more than that WebGPU is missing. */
  explain(why: string): void
}

/** Addresses and settings that an advice is about. */
const CODE: Readonly<Partial<Record<keyof typeof text.unsupported.browsers, readonly string[]>>> = {
  chromeOnLinux: ['chrome://flags/#enable-unsafe-webgpu', 'chrome://flags/#enable-vulkan'],
  firefox: ['dom.webgpu.enabled', 'gfx.webgpu.ignore-blocklist'],
}

/** The page without a chat, for a page that came over https or from localhost, or did not. */
export function createUnsupported({ isSecure }: { readonly isSecure: boolean }): Unsupported {
  const { title, insecure, missing, adviceLabel, secureContext, browsers } = text.unsupported
  const why = element('p', { class: 'why' }, isSecure ? missing : insecure)
  return {
    element: element(
      'section',
      { class: 'unsupported' },
      element(
        'div',
        {},
        element('img', { class: 'mark', src: './icon.svg', alt: '', width: '56', height: '56' }),
        element('h2', {}, title),
        why,
      ),
      element('h3', {}, adviceLabel),
      element('dl', {}, ...(Object.keys(browsers) as (keyof typeof browsers)[]).flatMap(advice)),
      element('p', {}, secureContext),
    ),
    explain(sentence) {
      why.textContent = sentence
    },
  }
}

function advice(name: keyof typeof text.unsupported.browsers): HTMLElement[] {
  const [browser, advice] = text.unsupported.browsers[name]
  const lines = (CODE[name] ?? []).map((line) => element('code', {}, line))
  return [element('dt', {}, browser), element('dd', {}, advice, ...lines)]
}
