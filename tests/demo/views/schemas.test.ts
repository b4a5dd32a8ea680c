import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fieldsOf, forms, valuesOf } from '../../../demo/views/structured/schemas.ts'

test('every form is shown as fields, all of which it asks for', () => {
  for (const { schema } of Object.values(forms)) expect(Object.keys(fieldsOf(schema) ?? {})).toEqual(schema.required)
})

test('what is no flat object is not shown as fields', () => {
  const nested = { type: 'object', properties: { a: { type: 'object' } } }
  for (const other of [
    nested,
    { type: 'array' },
    { type: 'object' },
    null,
    3,
    'text',
    {},
    { type: 'object', properties: 3 },
  ])
    expect(fieldsOf(other), JSON.stringify(other)).toBeUndefined()
})

test('the values of a reply are read from each beginning of it, and only ever grow', () => {
  const value = fc.oneof(fc.boolean(), fc.integer(), fc.stringMatching(/^[A-Za-z ]{0,12}$/))
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), value), (values) => {
      const json = JSON.stringify(values, undefined, 1)
      expect(valuesOf(json)).toEqual({ ...values })
      let known = 0
      for (let end = 0; end <= json.length; end++) {
        const found = Object.keys(valuesOf(json.slice(0, end))).length
        expect(found).toBeGreaterThanOrEqual(known)
        known = found
      }
    }),
  )
})
