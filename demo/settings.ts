/** @file What the reader has set, kept in this browser: how the model is asked, and how the page looks. */

import type { PromptFormat, SamplingOptions } from '../src/index.ts'
import { bobAliceFormat, plainFormat, questionAnswerFormat, userAssistantFormat } from '../src/text/prompt-format.ts'
import { isLanguage, type Language } from './language.ts'
import type { SmallStorage } from './storage.ts'

/** Formats that RWKV-4 models know. */
export const promptFormats = {
  userAssistant: userAssistantFormat,
  questionAnswer: questionAnswerFormat,
  bobAlice: bobAliceFormat,
  plain: plainFormat,
} as const satisfies Readonly<Record<string, PromptFormat>>

/** Names of them. */
export type FormatName = keyof typeof promptFormats

/** All settings. Whatever is absent is as the model, or the browser, has it. */
export interface Settings {
  /** Text that new conversations begin with. */
  readonly system?: string
  /** How they are written: a name of `promptFormats`. */
  readonly promptFormat?: FormatName
  /** The same for models whose own nobody knows, by what they are known by; before the one for all. */
  readonly formats?: Readonly<Record<string, FormatName>>
  /** Sampling of replies. */
  readonly sampling?: Partial<SamplingOptions>
  readonly theme?: 'light' | 'dark'
  /** In percent of the browser's. */
  readonly fontSize?: number
  readonly language?: Language
}

/** Settings that are kept. */
export interface KeptSettings {
  readonly now: Settings
  /** Change some of them; undefined takes one back. */
  change(changed: { readonly [Name in keyof Settings]: Settings[Name] | undefined }): void
}

const KEY = 'rwkv.js settings'

/** The settings in `storage`. `onChange` hears of the first ones too. */
export function keepSettings(storage: SmallStorage, onChange: (settings: Settings) => void): KeptSettings {
  let now = readSettings(storage)
  onChange(now)
  return {
    get now() {
      return now
    },
    change(changed) {
      now = Object.fromEntries(Object.entries({ ...now, ...changed }).filter(([, value]) => value !== undefined))
      onChange(now)
      storage.setItem(KEY, JSON.stringify(now))
    },
  }
}

/** What fits of what is kept; the engine judges options. */
export function readSettings(storage: SmallStorage): Settings {
  let kept: unknown
  try {
    kept = JSON.parse(storage.getItem(KEY) ?? '{}')
  } catch {} // damaged
  if (typeof kept !== 'object' || kept === null) return {}
  const { system, promptFormat, formats, sampling, theme, fontSize, language } = kept as Record<string, unknown>
  return {
    ...(typeof system === 'string' && { system }),
    ...(isFormatName(promptFormat) && { promptFormat }),
    ...(typeof formats === 'object' && formats !== null && { formats: onlyFormats(formats) }),
    ...(typeof sampling === 'object' && sampling !== null && { sampling }),
    ...((theme === 'light' || theme === 'dark') && { theme }),
    ...(typeof fontSize === 'number' && fontSize >= 50 && fontSize <= 300 && { fontSize }),
    ...(isLanguage(language) && { language }),
  }
}

const isFormatName = (name: unknown): name is FormatName =>
  typeof name === 'string' && Object.hasOwn(promptFormats, name)

const onlyFormats = (formats: object): Record<string, FormatName> =>
  Object.fromEntries(Object.entries(formats).flatMap(([model, name]) => (isFormatName(name) ? [[model, name]] : [])))

/** Whether a warning of the engine says that a model's format is a guess. */
export const isGuess = (warning: string): boolean => /^No name around .* says how this model was taught/.test(warning)

/** How conversations with `model` are written; undefined as the model has it. */
export function formatFor(model: string, { formats = {}, promptFormat }: Settings): PromptFormat | undefined {
  const name = (Object.hasOwn(formats, model) ? formats[model] : undefined) ?? promptFormat
  return name && promptFormats[name]
}

/** Let the page look as they say. */
export function applyLooks({ theme, fontSize }: Settings): void {
  const { style, dataset } = document.documentElement
  if (theme) dataset.theme = theme
  else delete dataset.theme
  style.fontSize = fontSize === undefined ? '' : `${fontSize}%`
}
