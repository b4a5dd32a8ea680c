/** @file German text of the view State. */

import type { state as english } from '../en/state.ts'

export const state: typeof english = {
  intro:
    'Das Gedächtnis des Modells für diese Unterhaltung ist der Block aus Zahlen unten. Er hat eine feste Größe: Er wächst nicht mit der nächsten Nachricht und nicht mit der tausendsten.',
  empty:
    'Noch wurde nichts gesagt, also ist alles so, wie eine Unterhaltung beginnt. Sagen Sie etwas im Chat und sehen Sie hier, was davon bleibt.',

  over: (tokens) => `über ${tokens}`,

  size: 'Größe',
  bytes: 'Byte, konstant',
  shape: 'Schichten × Zeilen × Kanäle',
  read: 'Token bisher darin',

  map: 'Schichten und Kanäle',
  mapAbout:
    'Eine Zeile je Schicht, eine Spalte je Kanal; die Farbe ist der Wert, gemessen am größten seiner Schicht. Während eine Antwort entsteht, wird es laufend neu gezeichnet.',
  row: 'Anzeigen',
  rows: {
    attX: 'Letztes Token, für Time-Mix',
    ffnX: 'Letztes Token, für Channel-Mix',
    s: 'Werte nach Schlüssel, eine Matrix je Kopf',
    'aa / bb': 'Mittel der Werte',
    aa: 'Zähler von WKV',
    bb: 'Nenner von WKV',
    pp: 'Exponent von beiden',
  },
  mapLabel: (row, layers, channels) =>
    `Farbkarte des Zustands: ${row}, ${layers} Schichten mal ${channels} Kanäle. Die Zahlen stehen in der Tabelle darunter.`,
  layer: 'Schicht',
  channel: 'Kanal',
  value: 'Wert',
  below: 'unter 0',
  above: 'über 0',
  byLayer: 'In Zahlen, nach Schichten',
  least: 'Kleinster',
  most: 'Größter',
  norm: 'Norm',

  matrix: 'Die Matrix eines Kopfes',
  matrixAbout:
    'Was ein Kopf hält: eine Zeile je Schlüsselkanal, eine Spalte je Wertkanal; die Farbe ist der Wert, gemessen am größten. Ein Wert wird durch einen Schlüssel wiedergefunden, der dem ähnelt, unter dem er abgelegt wurde.',
  matrixLabel: (layer, head, size) =>
    `Farbkarte der Matrix von Kopf ${head} in Schicht ${layer}, ${size} Schlüsselkanäle mal ${size} Wertkanäle. Einzelne Zahlen zeigen die Felder darunter.`,
  head: 'Kopf',
  key: 'Schlüsselkanal',
  valueChannel: 'Wertkanal',

  life: 'Wie lange sich eine Schicht erinnert',
  lifeAbout:
    'Jeder Kanal vergisst in seinem eigenen, gelernten Tempo: Nach seiner Halbwertszeit ist von dem, was er hält, noch die Hälfte da. Die Kanäle einer Schicht in der Reihenfolge ihrer Halbwertszeiten.',
  lifeLabel:
    'Halbwertszeit der Kanäle jeder Schicht in Token, vom vergesslichsten zum dauerhaftesten. Die Zahlen stehen in der Tabelle darunter.',
  channels: 'Kanäle, in % der Schicht',
  halfLife: 'Halbwertszeit in Token',
  layerName: (layer) => `Schicht ${layer}`,
  lifeTable: 'Halbwertszeiten in Token, nach Schichten',
  boundsAbout:
    'Jedes Token entscheidet, wie schnell die Kanäle seiner Schlüssel verblassen, innerhalb gelernter Grenzen: Die Halbwertszeit eines Kanals liegt zwischen ihrem kleinsten und ihrem größten Wert. Von beiden der kürzeste, mittlere und längste Kanal einer Schicht.',
  boundsLabel:
    'Kleinste und größte Halbwertszeit in Token, die Kanäle haben können, nach Schichten. Die Zahlen stehen in der Tabelle darunter.',
  bounds: [
    'Kleinste, kürzester',
    'Kleinste, mittlerer',
    'Kleinste, längster',
    'Größte, kürzester',
    'Größte, mittlerer',
    'Größte, längster',
  ],
  shortest: 'Kürzeste',
  median: 'Mittlere',
  longest: 'Längste',

  fade: 'Was eine Nachricht verändert hat und wie es verblasst',
  fadeAbout:
    'Wie viel von den Summen jeder Schicht mit welcher Nachricht kam, als Anteil, gemittelt über die Kanäle. Was nicht aufgeführt ist, ist älter oder gehört zum Anfang.',
  fadeNone: 'Noch wurde nichts gesagt. Sagen Sie etwas im Chat und sehen Sie hier, was davon bleibt.',
  fadeBusy: 'Wird gezählt, wenn die Antwort zu Ende ist.',
  fadeTable: 'Anteil am Zustand nach Nachricht, jetzt',
  fadeOf: 'Verfolgen',
  fadeLabel: (message) =>
    `Wie der Anteil von „${message}“ in jeder Schicht im Lauf der Unterhaltung abnahm. Die Zahlen stehen in der Tabelle darunter.`,
  later: 'Token der Unterhaltung',
  share: 'Anteil in %',
  messages: { user: 'Sie', assistant: 'Antwort', text: 'Text' },
  fadeAt: (tokens) => `bei ${tokens} Token`,
  fadeSteps: (message) => `Anteil von „${message}“ im Lauf der Unterhaltung`,

  bookmarks: 'Lesezeichen',
  bookmarksAbout:
    'Ein Lesezeichen ist diese Unterhaltung samt ihrem Zustand, unter einem Namen. Von dort geht es als neue Unterhaltung weiter, ohne dass etwas noch einmal gelesen wird.',
  name: 'Name',
  keep: 'Diesen Zustand behalten',
  keptAs: (name) => `${name} wurde gespeichert.`,
  refused: 'Dieser Browser speichert nichts für diese Seite; Lesezeichen lassen sich daher nur in Dateien sichern.',
  noBookmarks: 'Noch gibt es keine.',
  open: 'Öffnen',
  save: 'Als Datei sichern',
  share2: 'Teilen',
  remove: 'Löschen',
  of: (action, name) => `${action}: ${name}`,
  saveCurrent: 'Diesen Zustand als Datei sichern',
  load: 'Aus einer Datei laden',
  heldWith: (size, model, at) => `${size} · ${model} · ${at}`,
  removed: (name) => `${name} wurde gelöscht.`,
}
