import { describe, expect, test } from 'vitest'
import { allVariants } from '../tools/shader-variants.ts'
import { allowedWords, foreignWords, subgroupWords, subsetFaults } from '../tools/wgsl-subset.ts'

describe('what Tint and naga both take', async () => {
  const variants = await allVariants()

  test('is all that any variant of a shader is written in', () => {
    expect(variants.length).toBeGreaterThan(40)
    const faults = variants.flatMap(({ label, code }) => subsetFaults(code).map((fault) => `${label} ${fault}`))
    expect(faults).toEqual([])
  })

  test('is listed without a word that no shader uses', () => {
    const used = new Set(variants.flatMap(({ code }) => [...foreignWords(code)]))
    expect([...allowedWords, ...subgroupWords].filter((word) => !used.has(word))).toEqual([])
  })
})

// Harmless, all of them: either every compiler takes them, or none does.
test.each([
  ['a directive', 'enable f16;', 'enable'],
  ['a demand', 'requires pointer_composite_access;', 'requires'],
  ['a word that is not listed', 'fn f() -> f32 {\n  return tan(1.0);\n}', '2: tan'],
  ['a subgroup', 'fn f(a: u32) -> u32 { return subgroupAdd(a); }', 'subgroupAdd'],
  ['a pointer to other memory', 'fn f(a: ptr<private, u32>) {}', 'pointer'],
  ['a word behind a comparison', 'fn f(a: f32) -> bool { return 1.0 > tan(a); }', 'tan'],
  ['a type that is not listed', 'const A = vec2i(1);', 'vec2i'],
  ['a cast to another type', 'fn f(a: vec2f) -> vec2u { return bitcast<vec2u>(a); }', 'bitcast'],
  ['a call in a constant', 'const A = max(1u, 2u);', 'calls'],
  ['an override that is computed', 'override A: u32 = 1u + 1u;', 'computed'],
  ['a length that is computed', 'const A = 2u;\nvar<workgroup> a: array<u32, 2u * A>;', '2: the length'],
  ['a length that is computed, within', 'var<workgroup> a: array<array<u32, 1 + 1>, 2>;', 'length'],
  ['a loop that goes on for ever', '{ loop { a++; while (a < 4u) { break; } } }', 'no break'],
])('%s is refused', (_, code, fault) => {
  expect(subsetFaults(code).join()).toContain(fault)
})

test.each([
  ['a comment', '// enable subgroups'],
  ['an array as long as an override', 'override A: u32;\nvar<workgroup> a: array<array<vec2f, 2>, A>;'],
  ['an override with a value', 'override A: u32 = 4u;'],
  ['a constant', 'const A = vec4f(1.0, 0x1p-4, -2e-3, 0.5);'],
  ['a member that is named as a function', 'struct A { tan: f32, }\nfn f(a: A) -> f32 { return a.tan; }'],
  ['a loop with a way out', '{ loop { for (;;) { break; } if (a) { break; } } }'],
])('%s is taken', (_, code) => {
  expect(subsetFaults(code).filter((fault) => !/: a is not/.test(fault))).toEqual([])
})
