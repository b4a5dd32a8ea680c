/** @file German text of the view that compares answers. */

import type { compare as english } from '../en/compare.ts'

export const compare: typeof english = {
  title: 'Vergleich',
  about:
    'Die Frage wird einmal gelesen. Jede Antwort beginnt mit einer Kopie desselben Zustands, was keine Zeit kostet, und alle werden gleichzeitig geschrieben.',
  modesLabel: 'Was verglichen wird',
  modes: { answers: 'Mehrere Antworten', settings: 'Zwei Einstellungen' },
  question: 'Frage',
  placeholder: 'Nachricht schreiben',
  count: 'Antworten',
  place: (messages) =>
    messages === 0
      ? 'Wird in einer neuen Unterhaltung gestellt.'
      : 'Wird als nächste Nachricht dieser Unterhaltung gestellt.',
  inPlace:
    'Wird an ihrer Stelle in der Unterhaltung noch einmal gestellt. Die Antwort, die Sie behalten, beginnt einen Zweig; was dort gesagt wurde, bleibt.',
  temperature: 'Temperatur',
  topP: 'Top-p',
  setting: (letter) => `Einstellung ${letter}`,
  ask: 'Fragen',
  stop: 'Anhalten',
  answer: (place) => `Antwort ${place + 1}`,
  keep: 'Diese behalten',
  writing: 'Die Antworten werden geschrieben.',
  done: 'Alle Antworten sind vollständig. Behalten Sie eine, oder fragen Sie noch einmal.',
}
