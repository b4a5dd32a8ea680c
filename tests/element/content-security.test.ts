import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { pagePolicy, securityHeaders } from '../../demo/content-security.ts'
import { WORLD_VOCABULARY } from '../../src/model/tokenizer.ts'

test('the sample for static hosts has the headers of the preview', () => {
  const file = readFileSync(new URL('../../demo/public/_headers', import.meta.url), 'utf8')
  const lines = file.split('\n').filter((line) => line.startsWith('  '))
  const headers = Object.fromEntries(
    lines.map((line) =>
      line
        .trim()
        .split(/: (.*)/s)
        .slice(0, 2),
    ),
  )
  expect(headers).toEqual(securityHeaders)
})

test('the policy allows nothing inline, nothing evaluated, no host but the Hub, and of another one file', () => {
  expect(pagePolicy).toMatch(/^default-src 'none'; /)
  expect(pagePolicy).toContain("require-trusted-types-for 'script'")
  const withoutIcon = pagePolicy.replace("img-src 'self' data:", "img-src 'self'") // see demo/inline-icon.ts
  expect(withoutIcon).not.toMatch(/unsafe|data:|blob:|\*(?!\.hf\.co|\.huggingface\.co)/)
  expect([...pagePolicy.matchAll(/https?:[^\s;]+/g)].map(String)).toEqual([
    'https://huggingface.co',
    'https://*.huggingface.co',
    'https://*.hf.co',
    WORLD_VOCABULARY.url, // a path without a final slash allows that file alone
  ])
})
