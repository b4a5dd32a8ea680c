import { expect, test } from 'vitest'
import { isFastestInF32, isSoftwareAdapter } from '../../src/core/software-adapter.ts'

test.each([
  ['google', 'swiftshader', 'SwiftShader Device (Subzero)', true, true],
  ['mesa', '', 'llvmpipe (LLVM 19.1.7, 256 bits)', true, false],
  ['', '', 'Microsoft Basic Render Driver', true, false],
  ['nvidia', 'ampere', '', false, false],
  ['', '', '', false, false],
] as const)('%s %s %s: in software %s, fastest in f32 %s', (vendor, architecture, description, isSoftware, isWide) => {
  const names = { vendor, architecture, description }
  expect([isSoftwareAdapter(names), isFastestInF32(names)]).toEqual([isSoftware, isWide])
})
