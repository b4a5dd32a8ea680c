/** @file German text of the settings. */

import type { settings as english } from '../en/settings.ts'

export const settings: typeof english = {
  title: 'Einstellungen',
  about: 'In diesem Browser gespeichert; sie gelten ab der nächsten Antwort.',

  replies: 'Sampling',
  repliesAbout: 'Leere Felder übernehmen die Vorgaben des Modells.',
  presetsLabel: 'Voreinstellungen',
  presets: {
    model: 'Wie das Modell',
    exact: 'Ohne Zufall',
    careful: 'Vorsichtig',
    balanced: 'Ausgewogen',
    lively: 'Lebhaft',
  },
  options: {
    temperature: ['Temperatur', '0 nimmt immer das wahrscheinlichste Token; über 1 gibt es mehr Überraschungen.'],
    topP: ['Top-p', 'Die wahrscheinlichsten Token, die zusammen diesen Anteil ausmachen.'],
    topK: ['Top-k', 'Höchstens so viele der wahrscheinlichsten Token; 0 für alle.'],
    minP: ['Min-p', 'Lässt Token weg, die weniger wahrscheinlich sind als dieser Anteil des wahrscheinlichsten.'],
    presencePenalty: ['Presence Penalty', 'Macht Token, die schon in der Antwort waren, unwahrscheinlicher.'],
    frequencyPenalty: ['Frequency Penalty', 'Dasselbe, für jedes Mal, das sie vorkamen.'],
    penaltyDecay: ['Penalty Decay', 'Was von den Strafen nach jedem Token übrig bleibt.'],
    maxTokens: ['Längste Antwort', 'In Token; „Fortsetzen“ schreibt weiter.'],
    minTokens: ['Kürzeste Antwort', 'In Token.'],
    seed: ['Startwert', 'Dieselbe Zahl, dieselben Antworten.'],
  },
  range: (least, most) => ` ${least}\u00a0bis\u00a0${most}.`,
  more: 'Weitere Optionen',
  fields: {
    stop: ['Stopptexte', 'Einer je Zeile; eine Antwort endet vor dem ersten von ihnen.'],
    logitBias: [
      'Vorlieben',
      'Eine je Zeile: ein Token, ein Leerzeichen und wie sehr es bevorzugt wird, etwa „ cat 2“.',
    ],
    bannedIds: ['Nie diese Token', 'Ihre Nummern, durch Kommas getrennt.'],
    allowedIds: ['Nur diese Token', 'Ihre Nummern, durch Kommas getrennt.'],
  },
  notNumbers: 'Ganze Zahlen, durch Kommas getrennt.',
  notBiases: 'Eine Zeile ist ein Token, ein Leerzeichen und eine Zahl von -100 bis 100.',
  reset: 'Vorgaben des Modells verwenden',

  conversation: 'Wie eine Unterhaltung beginnt',
  system: 'Systemtext',
  systemAbout: 'Wird vor der ersten Nachricht jeder neuen Unterhaltung gelesen.',

  promptFormat: 'Prompt-Format',
  promptFormatAbout: 'Wie Nachrichten für das Modell geschrieben werden. Nehmen Sie das, womit es trainiert wurde.',
  promptFormats: {
    model: 'Wie das Modell',
    userAssistant: 'User, Assistant',
    questionAnswer: 'Question, Answer',
    bobAlice: 'Bob, Alice',
    plain: 'Reiner Text',
  },

  looks: 'Darstellung',
  language: 'Sprache',
  asBrowser: 'Wie der Browser',
  languageAbout: 'Die Seite wird dafür neu geladen. Modelle antworten in den Sprachen, die sie gelernt haben.',
  theme: 'Farben',
  themes: { system: 'Wie das System', light: 'Hell', dark: 'Dunkel' },
  fontSize: 'Textgröße',
  fontSizes: { 87.5: 'Klein', 100: 'Normal', 112.5: 'Groß', 125: 'Größer', 150: 'Am größten' },
  resetAll: 'Alle Einstellungen zurücksetzen',
}
