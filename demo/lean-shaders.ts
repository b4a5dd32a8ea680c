/**
 * @file Shaders without what only their readers need: comments are a third of a worker. Lines keep their numbers, so that a
 * compile message still names the right one.
 */

import { readFileSync } from 'node:fs'
import type { Plugin } from 'vite'

/** WGSL without comments, and without spaces where they part nothing, with its line breaks. */
function leanShader(wgsl: string): string {
  const code = wgsl.replace(/\/\/.*/g, '').replace(/^ +| +$/gm, '')
  return code.replace(/ *([,:;(){}]) */g, '$1')
}

/** For every build that holds shaders. */
export function leanShaders(): Plugin {
  return {
    name: 'rwkv:lean-shaders',
    apply: 'build',
    enforce: 'pre',
    load(id) {
      if (!id.endsWith('.wgsl?raw')) return null
      return `export default ${JSON.stringify(leanShader(readFileSync(id.slice(0, -'?raw'.length), 'utf8')))}`
    },
  }
}
