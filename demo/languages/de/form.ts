/** @file German text of the view Form. */

import type { form as english } from '../en/form.ts'

export const form: typeof english = {
  title: 'Formular',
  about:
    'Das Modell antwortet in JSON, das sich an ein Schema hält: Von all seinen Token können nur die gezogen werden, die passen. So füllt auch ein sehr kleines Modell jedes Feld mit etwas, das dorthin gehört.',
  request: 'Worum es im Formular geht',
  fill: 'Ausfüllen',
  filling: 'Das Modell füllt das Formular aus.',
  done: (tokens) => `Ausgefüllt, mit ${tokens} Token.`,
  raw: 'Die Antwort als JSON',
  fields: {
    name: 'Name',
    kind: 'Art',
    age: 'Alter',
    friendly: 'Freundlich',
    weather: 'Wetter',
    people: 'Bewohner',
    guest: 'Gast',
    day: 'Tag',
    hour: 'Uhrzeit',
    cake: 'Kuchen',
  },
  forms: { hero: 'Ein Held', place: 'Ein Ort', plan: 'Ein Fest', own: 'Ihr eigenes' },
  formsLabel: 'Formulare',
  schema: 'JSON Schema',
  notJson: (why) => `Das Schema ist kein JSON: ${why}`,
}
