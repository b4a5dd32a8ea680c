import { expect, test } from 'vitest'
import { formatAdapter } from '../../demo/text.ts'

const unnamed = { vendor: '', architecture: '', description: '', isFallback: false, features: [], limits: {} }

test.each([
  [{ vendor: 'apple', architecture: 'metal-3' }, 'apple metal-3'],
  [{ vendor: 'google', architecture: 'swiftshader', isFallback: true }, 'google swiftshader (software)'],
  [{}, 'a GPU that the browser does not name'],
  [{ isFallback: true }, 'software instead of a GPU'],
])('the adapter %j is called %s', (adapter, name) => {
  expect(formatAdapter({ ...unnamed, ...adapter })).toBe(name)
})
