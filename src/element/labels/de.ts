/**
 * @file The texts of `<rwkv-chat>` in German: the entry `rwkv.js/labels/de`.
 *
 * @module rwkv.js/labels/de
 */

import type { ErrorCode } from '../../core/errors.ts'
import type { RwkvChatLabels } from './labels.ts'

/** Faults that readers can do something about; the others are told in English. */
const faults: Readonly<Partial<Record<ErrorCode | 'unknown', string>>> = {
  'file/not-found': 'Unter dieser Adresse liegt kein Modell.',
  'file/network': 'Das Netz ist nicht erreichbar, oder der Server gibt das Modell nicht heraus.',
  'file/not-weights': 'Diese Datei enthält kein Modell.',
  'file/unsupported': 'Dateien dieser Art können hier nicht gelesen werden.',
  'file/truncated': 'Die Datei bricht ab. Laden Sie sie noch einmal herunter.',
  'model/unsupported-version': 'Diese Art von Modell kann hier nicht laufen.',
  'store/quota': 'Auf diesem Gerät ist kein Platz mehr für das Modell.',
  'gpu/unavailable':
    'Das Modell läuft auf WebGPU oder in WebAssembly, und dieser Browser bietet der Seite keines von beiden.',
  'gpu/lost': 'Die Grafikkarte ist ausgefallen oder wird anderswo gebraucht.',
  'gpu/limits': 'Das Modell ist für diese Grafikkarte zu groß.',
  'gpu/out-of-memory': 'Der Speicher der Grafikkarte reicht nicht aus.',
  'wasm/out-of-memory': 'Der Arbeitsspeicher reicht nicht aus.',
  'worker/unavailable': 'Der Worker, in dem das Modell läuft, konnte nicht gestartet werden.',
  'worker/gone': 'Der Worker, in dem das Modell lief, ist abgebrochen.',
}

/** German, formal. */
export const german: RwkvChatLabels = {
  locale: 'de',

  conversation: 'Unterhaltung',
  chat: 'Chat',
  newConversation: 'Neu beginnen',
  you: 'Sie',
  model: 'Modell',

  posterTitle: 'Ein Chat, der auf diesem Gerät bleibt',
  poster: 'Das Modell läuft in dieser Seite. Was Sie schreiben, verlässt das Gerät nicht.',
  noSource: 'Für diesen Chat ist kein Modell genannt: Das Attribut src fehlt.',
  load: 'Modell laden',
  loadOf: (size) => `Modell laden (${size})`,
  emptyTitle: 'Sagen Sie etwas',
  empty: 'Das Modell läuft in dieser Seite. Was Sie schreiben, verlässt das Gerät nicht.',

  message: 'Nachricht',
  placeholder: 'Nachricht schreiben',
  send: 'Senden',
  stop: 'Anhalten',
  queuedForModel: 'Wird gesendet, sobald das Modell bereit ist.',
  queuedForReply: 'Wird nach dieser Antwort gesendet.',
  recovering: 'Die GPU ist ausgefallen. Das Modell wird zurückgeholt und macht weiter, wo es war.',
  moved: 'Die GPU bleibt aus. Das Modell rechnet anderswo weiter; was es sagt, kann anders sein, als es gewesen wäre.',

  attach: 'Textdateien anhängen',
  attachments: 'An der Nachricht',
  remove: (name) => `${name} entfernen`,
  pasted: 'Eingefügter Text',
  characters: (count) => `${count} Zeichen`,
  notText: (names) => `${names}: kein Text, oder mehr als 10 MB.`,

  copy: 'Kopieren',
  copied: 'Kopiert',
  regenerate: 'Neu antworten',
  resume: 'Fortsetzen',

  think: 'Nachdenken',
  thinkOptions: { no: 'Nicht nachdenken', yes: 'Nachdenken', 'a bit': 'Kurz nachdenken', 'a lot': 'Lange nachdenken' },
  thinking: 'Denkt nach …',
  thoughts: 'Gedanken',
  onlyThoughts: 'Vor der Antwort abgeschnitten.',

  waitingForFirst: 'Das Modell liest.',
  reading: (read, total, left) => `Liest: ${read} von ${total} Token, noch ${left}`,
  seconds: (count) => `${count} s`,
  minutes: (count) => `${count} min`,
  stoppedEarly: 'Vor dem ersten Wort angehalten.',
  nothingSaid: 'Das Modell hatte nichts zu sagen.',
  toLatest: 'Zum Ende',
  replyBegan: (name) => `${name} antwortet.`,
  replySaid: (name, reply) => `${name}: ${reply}`,

  tokens: (count) => `${count} Token`,
  firstAfter: (seconds) => `erstes nach ${seconds} s`,
  speed: (tokensPerSecond) => `${tokensPerSecond} Token/s`,
  stopped: 'angehalten',
  cut: 'an der Grenze abgeschnitten',

  phase: {
    open: 'Das Modell wird geöffnet',
    download: 'Das Modell wird heruntergeladen',
    weights: 'Das Modell wird geladen',
    compile: 'Die Kernels werden vorbereitet',
    ready: 'Bereit',
  },
  loadProgress: 'Fortschritt des Ladens',
  progress: (loaded, total) => `${loaded} von ${total}`,
  bytes: (count) => `${count} Byte`,

  software: 'Keine Grafikkarte ist im Einsatz. Das Modell läuft in Software: langsamer, aber vollständig.',
  dismiss: 'Schließen',
  loadFailed: 'Das Modell konnte nicht geladen werden.',
  replyFailed: 'Die Antwort ist abgebrochen.',
  modelStopped: 'Das Modell ist stehen geblieben.',
  tryAgain: 'Noch einmal',
  fault: (code, message) => faults[code] ?? message,

  unsupportedTitle: 'Dieser Browser kann das Modell noch nicht ausführen',
  unsupported:
    'Das Modell läuft auf WebGPU oder in WebAssembly, und dieser Browser bietet der Seite keines von beiden.',
  unsupportedAdvice:
    'Nehmen Sie ein aktuelles Chrome oder Edge, Safari ab 26 oder ein aktuelles Firefox unter Windows oder macOS, mit eingeschalteter Grafikbeschleunigung; die Seite muss über https oder von localhost kommen.',
}
