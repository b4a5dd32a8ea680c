import { expect, test } from 'vitest'
import { askBrowser, openInWebKit } from './ask.ts'
import { isAnswered, lackedOf } from './rule.ts'
import { platformStyles, usedInScripts, usedInStyles } from './used.ts'

test('WebKitGTK, as it is here, lacks nothing of what is used but what has an entry', async () => {
  const used = { scripts: usedInScripts(), styles: usedInStyles() }
  const { names, styles } = await askBrowser(openInWebKit, { names: used.scripts, styles: platformStyles() })
  const lacked = lackedOf(used, { names: names.join(' '), styles })
  expect(lacked).toContain('gpu')
  expect(lacked.filter((part) => !isAnswered(part))).toEqual([])
})
