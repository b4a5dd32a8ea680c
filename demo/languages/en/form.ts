/** @file English text of the view Form. */

export const form = {
  title: 'Form',
  about:
    'The model answers in JSON that keeps to a schema: of all its tokens, only those that fit can be drawn. So even a very small model fills every field with something that belongs there.',
  request: 'What the form is about',
  fill: 'Fill in',
  filling: 'The model is filling in the form.',
  done: (tokens: number) => `Filled in, with ${tokens} tokens.`,
  raw: 'The reply as JSON',
  /** By the names that the forms of the page have. */
  fields: {
    name: 'Name',
    kind: 'Kind',
    age: 'Age',
    friendly: 'Friendly',
    weather: 'Weather',
    people: 'People',
    guest: 'Guest',
    day: 'Day',
    hour: 'Hour',
    cake: 'Cake',
  },
  forms: { hero: 'A hero', place: 'A place', plan: 'A party', own: 'Your own' },
  formsLabel: 'Forms',
  schema: 'JSON Schema',
  notJson: (why: string) => `The schema is not JSON: ${why}`,
}
