/** @file English text of the view Settings. */

import type { FormatName } from '../../settings.ts'
import type { NumberOption, PresetName } from '../../views/settings/options.ts'

/** By names, what a field is called and what it is for. */
type Named<Name extends string> = Readonly<Record<Name, readonly [name: string, about: string]>>

export const settings = {
  title: 'Settings',
  about: 'Kept in this browser; they apply from the next reply on.',

  replies: 'Sampling',
  repliesAbout: 'Empty fields use the model’s defaults.',
  presetsLabel: 'Presets',
  presets: {
    model: 'The model’s own',
    exact: 'Greedy',
    careful: 'Careful',
    balanced: 'Balanced',
    lively: 'Lively',
  } satisfies Record<PresetName, string>,
  options: {
    temperature: ['Temperature', '0 always takes the likeliest token; above 1 more surprises.'],
    topP: ['Top-p', 'The likeliest tokens that make up this share.'],
    topK: ['Top-k', 'At most this many of the likeliest tokens; 0 for all.'],
    minP: ['Min-p', 'Drops tokens less probable than this share of the likeliest one.'],
    presencePenalty: ['Presence penalty', 'Makes tokens that were in the reply less likely.'],
    frequencyPenalty: ['Frequency penalty', 'The same, for each time they came.'],
    penaltyDecay: ['Penalty decay', 'What remains of the penalties after each token.'],
    maxTokens: ['Longest reply', 'In tokens; Continue writes more.'],
    minTokens: ['Shortest reply', 'In tokens.'],
    seed: ['Seed', 'The same number, the same replies.'],
  } as Named<NumberOption>,
  /** Behind what an option does. */
  range: (least: string, most: string) => ` ${least}\u00a0to\u00a0${most}.`,
  more: 'More options',
  fields: {
    stop: ['Stop texts', 'One a line; a reply ends before the first of them.'],
    logitBias: ['Bias', 'One a line: a token, a space and how much it is preferred, such as “ cat 2”.'],
    bannedIds: ['Never these tokens', 'Their numbers, with commas.'],
    allowedIds: ['Only these tokens', 'Their numbers, with commas.'],
  } as Named<'stop' | 'logitBias' | 'bannedIds' | 'allowedIds'>,
  notNumbers: 'Whole numbers with commas between them.',
  notBiases: 'A line is a token, a space, and a number from -100 to 100.',
  reset: 'Use the model’s defaults',

  conversation: 'How a conversation begins',
  system: 'System text',
  systemAbout: 'Read before the first message of each new conversation.',

  promptFormat: 'Prompt format',
  promptFormatAbout: 'How messages are written for the model. Take what it was trained on.',
  promptFormats: {
    model: 'The model’s own',
    userAssistant: 'User, Assistant',
    questionAnswer: 'Question, Answer',
    bobAlice: 'Bob, Alice',
    plain: 'Plain text',
  } satisfies Record<FormatName | 'model', string>,

  looks: 'How it looks',
  language: 'Language',
  asBrowser: 'As the browser',
  languageAbout: 'The page is loaded anew in it. Models answer in the languages they were taught.',
  theme: 'Theme',
  themes: { system: 'As the system', light: 'Light', dark: 'Dark' },
  fontSize: 'Size of text',
  fontSizes: { 87.5: 'Small', 100: 'Normal', 112.5: 'Large', 125: 'Larger', 150: 'Largest' },
  resetAll: 'Reset all settings',
}
