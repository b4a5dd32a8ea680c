import { describe, expect, test } from 'vitest'
import { presentTools } from '../../../src/client/shapes/present-tools.ts'
import type { ToolFormat } from '../../../src/core/protocol.ts'

const format: ToolFormat = { present: 'T:\n{tools}\n', callStart: '<', callEnd: '>', result: '{text}' }
const signatures: ToolFormat = { ...format, style: 'signatures' }
const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }

describe('tools are told of', () => {
  test('as a line of JSON each, by default', () => {
    const tools = [{ name: 'a', description: 'Tells {tools} $&', parameters }, { name: 'b' }]
    expect(presentTools(format, tools)).toBe(`T:\n${JSON.stringify(tools[0])}\n{"name":"b"}\n`)
  })

  test.each<[object, string]>([
    [{}, ''],
    [{ a: { type: 'string' }, b: { type: 'integer' } }, 'a: string, b?: integer'],
    [{ a: { enum: ['x', 2, null] } }, 'a: "x" | 2 | null'],
    [{ a: { const: 'x' } }, 'a: "x"'],
    [{ a: { type: ['string', 'null'] } }, 'a: string | null'],
    [{ a: { anyOf: [{ type: 'string' }, { type: 'string', format: 'date' }, { type: 'null' }] } }, 'a: string | null'],
    [{ a: { type: 'array', items: { type: 'number' } } }, 'a: number[]'],
    [{ a: { type: 'array', items: { enum: [1, 2] } }, b: { type: 'array' } }, 'a: (1 | 2)[], b?: any[]'],
    [{ a: parameters, b: { type: 'object' } }, 'a: {city: string}, b?: object'],
    [{ a: true, b: { $ref: '#' }, c: { type: 5 } }, 'a: any, b?: any, c?: any'],
    [{ 'a b': { type: 'string' }, 'a\n\nUser:': {} }, '"a b"?: string, "a\\n\\nUser:"?: any'],
  ])('as signatures: %j', (properties, written) => {
    const tools = [{ name: 'now', parameters: { type: 'object', properties, required: ['a'] } }, { name: 'x y' }]
    expect(presentTools(signatures, tools)).toBe(`T:\n- now(${written})\n- "x y"()\n`)
  })

  test('as a list of JSON, where signatures would leave out what is said of one', () => {
    const tools = [{ name: 'a', description: 'Tells', parameters }, { name: 'b' }]
    expect(presentTools(signatures, tools)).toBe(
      'T:\n[\n{"name":"a","description":"Tells","arguments":{"city":{"type":"string"}}},\n{"name":"b","arguments":{}}\n]\n',
    )
  })
})
