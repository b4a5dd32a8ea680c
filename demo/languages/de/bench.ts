/** @file German text of the view Bench. */

import type { bench as english } from '../en/bench.ts'

export const bench: typeof english = {
  intro:
    'Wie schnell das Modell auf dem Gerät läuft, auf dem es ist. Es wird noch einmal geladen, auf WebGPU für jede Art, die Arbeit eines Kernels aufzuteilen (Preset), gefüttert und gefragt; nichts davon wird irgendwohin gesendet.',
  until: 'Positionen bis',
  tokens: (tokens) => `${tokens} Token`,
  run: 'Messen',
  cancel: 'Abbrechen',
  streaming: 'Der Speicher wird so schnell gelesen, wie es geht',
  first: (setup, rate) => `${setup}: ${rate} Token/s in einer Antwort.`,
  measuring: (setup, share, left, others) =>
    `${setup}: ${share}, noch etwa ${left}${others > 0 ? `, danach ${others} weitere` : ''}`,
  loading: (setup) => `${setup}: wird geladen und aufgewärmt`,
  note: 'Schließen Sie andere Tabs und stecken Sie das Netzteil ein: Was sonst noch läuft, geht in die Zahlen ein.',

  result: 'Ergebnis',
  table: (device) => `Mediane nach der Uhr, auf diesem Gerät: ${device}`,
  measure: 'Gemessen',
  usual: (setup) => `${setup} (hier üblich)`,
  reply: 'Antwort, Token/s',
  prefill: 'Prompt, Token/s',
  streamingShare: 'Gelesene Gewichte, Anteil am Möglichen',
  memory: 'Speicher',
  grown: 'Speicherzuwachs, Byte',
  dispatches: 'Dispatches je Token',
  submits: 'Submits je Token',
  readBack: 'Zurückgelesene Byte je Token',
  load: 'Laden',
  ms: (ms) => `${ms} ms`,
  streamingIs: (rate) =>
    `Ein Kernel, der nur Speicher liest, erreicht hier ${rate}; jedes Token einer Antwort liest alle Gewichte.`,

  kernels: 'Kernels',
  kernelsAbout:
    'Was jeder Kernel von einem Token braucht, über alle Schichten. Jeder wird für sich gemessen, auf WebGPU in einem eigenen Pass, was etwas kostet.',
  noKernels: 'Hier misst nichts einzelne Kernels: Auf WebGPU braucht es dafür Timestamp-Queries.',
  kernel: 'Kernel',
  timesAToken: 'Mal je Token',
  msOf: (setup) => `${setup}, ms`,

  plot: 'Was ein Token kostet, nach seiner Position',
  plotLabel:
    'Millisekunden je Token über seiner Position, eine Linie für jede Spalte der Tabelle. Die Zahlen stehen in der Tabelle darunter.',
  position: 'Position, in Token',
  msAToken: 'ms je Token',
  inNumbers: 'In Zahlen',
  copy: 'Ergebnis kopieren',
  show: 'Als JSON',

  taken: 'Zum Mitnehmen',
  takenAbout: 'Alles, was gemessen wurde, seit die Seite geladen ist, mit dem Namen, den der Browser dem Gerät gibt.',
  products: {
    title: 'Jede Form eines Produkts',
    about:
      'Fast die ganze Zeit geht in Produkte mit Gewichten. Hier wird ein solches Produkt auf jede Art gerechnet, seine Arbeit aufzuteilen, auf WebGPU und ohne Modell: Das dauert ein bis zwei Minuten und zeigt, welche Art ein Preset auf diesem Gerät nehmen sollte.',
    run: 'Jede Form probieren',
    starting: 'Es beginnt',
    trying: (codec, tokens) => `Gewichte in ${codec}, Token auf einmal: ${tokens}`,
    noWebGpu: 'Dafür braucht es WebGPU, das es hier nicht gibt.',
    table: (rows, columns, device) =>
      `Gewichte (${rows}, ${columns}), Mediane nach der Uhr, auf diesem Gerät: ${device}`,
    product: 'Gewichte und Token',
    kind: (codec, tokens) => `${codec} × ${tokens}`,
    fastestMs: 'Am schnellsten, ms',
    fastest: 'Form dabei',
    shapes:
      'Eine Form: Aufrufe, die sich Zeilen teilen × solche Kacheln einer Arbeitsgruppe × Zeilen einer Kachel × deren Token. Mit „subgroup“ teilen sich Nachbarn, was sie lesen.',
    leftOut: (count) => `Aus Zeitmangel oder mangels Unterstützung ausgelassen: ${count}; das JSON nennt sie.`,
  },
}
