/** @file German text of the view About. */

import type { about as english } from '../en/about.ts'

export const about: typeof english = {
  what: 'rwkv.js führt RWKV-Sprachmodelle im Browser aus, auf der GPU oder, wo es keine dafür gibt, auf der CPU. Ein solches Modell ist ein rekurrentes Netz: Sein Gedächtnis einer Unterhaltung hat eine feste Größe, daher kostet das tausendste Token so viel wie das erste.',

  leavesTitle: 'Was dieses Gerät verlässt',
  leaves: 'Nichts.',
  leavesMore:
    'Weder was Sie schreiben noch was das Modell sagt, und auch keine Statistik. Über das Netz kommen nur die Dateien dieser Seite und die eines Modells, das Sie wählen, von dort, wo sie liegen. Sind sie einmal hier, läuft alles ohne Netz.',

  software:
    'Keine Grafikkarte ist im Einsatz: Dieser Browser führt WebGPU in Software aus. Alles läuft, aber um ein Vielfaches langsamer. Vielleicht hilft es, in den Einstellungen des Browsers die Grafikbeschleunigung einzuschalten oder den Grafiktreiber zu aktualisieren.',

  onCpu: 'Das Modell läuft auf der CPU, durch WebAssembly. Alles läuft, langsamer als auf einer GPU.',

  runsOn: 'Gerät',
  computedBy: 'Es rechnet',
  gpu: 'die GPU, durch WebGPU',
  gpuInSoftware: 'die CPU, durch WebGPU in Software',
  cpu: 'die CPU, durch WebAssembly',
  why: 'Warum',
  unnamed: 'vom Browser nicht genannt',
  vendor: 'Hersteller',
  architecture: 'Architektur',
  description: 'Beschreibung',
  limitsTitle: 'Grenzen',
  limit: 'Grenze',
  limitsNote:
    'Die des Geräts. rwkv.js verlangt von WebGPU nicht mehr, als jedes Gerät hat; so läuft es auch auf Telefonen.',
  features: 'Merkmale',
  noFeatures: 'keine',

  model: 'Modell',
  name: 'Name',
  version: 'Architektur',
  shape: 'Schichten × Kanäle',
  vocabulary: 'Vokabular',
  tokens: (count) => `${count} Token`,
  weights: 'Gewichte',
  weightsOf: (bytes, format) => `${bytes} in ${format}`,
  state: 'Zustand',
  constant: (bytes) => `${bytes}, konstant`,
  license: 'Lizenz',
  fingerprint: 'Fingerabdruck',

  here: 'Diese Seite',
  page: 'rwkv.js',
  browser: 'Browser',
  secure: 'Sicherer Kontext',
  stored: 'Auf diesem Gerät gespeichert',
  yes: 'ja',
  no: 'nein',

  diagnostics: 'Diagnose',
  diagnosticsNote:
    'Für eine Fehlermeldung: worauf diese Seite läuft, als JSON. Aus Ihren Unterhaltungen steht nichts darin. Sie geht nirgendwohin außer in die Zwischenablage.',
  copy: 'Diagnose kopieren',
  show: 'Anzeigen',
}
