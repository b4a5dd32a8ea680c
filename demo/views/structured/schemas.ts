/** @file Forms to begin with, each as a JSON Schema of an object without objects in it. */

/** What the model fills. */
export interface Form {
  readonly request: string
  readonly schema: ObjectSchema
}

/** The part of JSON Schema that is shown as fields; the engine takes more. */
export interface ObjectSchema {
  readonly type: 'object'
  readonly properties: Readonly<Record<string, FieldSchema>>
  readonly required: readonly string[]
  readonly additionalProperties: false
}

/** One field. */
export interface FieldSchema {
  readonly type?: 'string' | 'integer' | 'boolean'
  readonly enum?: readonly string[]
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
}

const form = (request: string, properties: ObjectSchema['properties']): Form => ({
  request,
  schema: { type: 'object', properties, required: Object.keys(properties), additionalProperties: false },
})

const name = { type: 'string', pattern: '^[A-Z][a-z]{1,11}$' } as const

/** By the names that buttons have. */
export const forms: Readonly<Record<'hero' | 'place' | 'plan', Form>> = {
  hero: form('Tell me about the hero of a story: a name, an animal, an age, and whether it is friendly.', {
    name,
    kind: { enum: ['cat', 'dog', 'bird', 'rabbit', 'bear', 'mouse'] },
    age: { type: 'integer', minimum: 1, maximum: 20 },
    friendly: { type: 'boolean' },
  }),
  place: form('Tell me about the place of a story: a name, what it is, the weather, and how many live there.', {
    name,
    kind: { enum: ['forest', 'village', 'island', 'castle', 'garden'] },
    weather: { enum: ['sunny', 'rainy', 'windy', 'snowy'] },
    people: { type: 'integer', minimum: 0, maximum: 500 },
  }),
  plan: form('Plan a small party: who is invited first, the day, the hour, and whether there is cake.', {
    guest: name,
    day: { enum: ['Monday', 'Wednesday', 'Friday', 'Saturday', 'Sunday'] },
    hour: { type: 'integer', minimum: 10, maximum: 20 },
    cake: { type: 'boolean' },
  }),
}

/** The fields of a schema, if all of it can be shown as fields; undefined for any other value. */
export function fieldsOf(schema: unknown): ObjectSchema['properties'] | undefined {
  const { type, properties } = (schema ?? {}) as Record<string, unknown>
  if (type !== 'object' || typeof properties !== 'object' || properties === null) return undefined
  const isField = (field: unknown) => {
    const { type: kind, enum: choices } = (field ?? {}) as Record<string, unknown>
    if (Array.isArray(choices)) return choices.every((choice) => typeof choice === 'string')
    return kind === 'string' || kind === 'integer' || kind === 'boolean'
  }
  return Object.values(properties).every(isField) ? (properties as ObjectSchema['properties']) : undefined
}

/** The values in a beginning of an object of JSON without objects in it; a text as far as it goes. */
export function valuesOf(json: string): Readonly<Record<string, unknown>> {
  const pairs = json.matchAll(/"([^"\\]+)": ?("(?:[^"\\]|\\.)*"?|true|false|-?\d+)/g)
  return Object.fromEntries(
    Array.from(pairs, ([, key = '', value = '']) => [
      key,
      value.startsWith('"') ? value.replaceAll('"', '') : (JSON.parse(value) as unknown),
    ]),
  )
}
