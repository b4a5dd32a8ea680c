/** @file The view of settings: how the model is asked, and how the page looks. Each is kept as soon as it is changed. */

import type { SamplingOptions } from '../../src/index.ts'
import type { App, View } from '../app.ts'
import { type Language, languages } from '../language.ts'
import { button, element } from '../panels/dom.ts'
import type { FormatName, Settings } from '../settings.ts'
import { formatCount } from '../text.ts'
import {
  type NumberOption,
  numberOptions,
  type PresetName,
  parseBiases,
  parseIds,
  parseLines,
  presetOf,
  presets,
  writeBiases,
  writeLines,
} from './settings/options.ts'
import { text } from './settings/text.ts'
import './settings/settings.css'

/** The view `#settings`. */
export function createSettingsView({ chat, settings }: App): View {
  /** What is called once more whenever a setting has changed elsewhere. */
  const updates: (() => void)[] = []
  const update = () => {
    for (const one of updates) one()
  }
  const change = (changed: Parameters<typeof settings.change>[0]) => {
    settings.change(changed)
    update()
  }
  const changeSampling = (
    changed: { readonly [Name in keyof SamplingOptions]?: SamplingOptions[Name] | undefined },
  ) => {
    const set = Object.entries({ ...settings.now.sampling, ...changed }).filter(([, value]) => value !== undefined)
    change({ sampling: set.length > 0 ? Object.fromEntries(set) : undefined })
  }

  function numberField(name: NumberOption): HTMLElement {
    const [min, max, step] = numberOptions[name]
    const [label, about] = text.options[name]
    const input = element('input', {
      type: 'number',
      min: String(min),
      max: String(max),
      step: 'any',
      inputmode: 'decimal',
    })
    if (step === 1) input.step = '1'
    input.addEventListener('input', () => {
      if (input.checkValidity()) changeSampling({ [name]: input.value === '' ? undefined : input.valueAsNumber })
      else input.reportValidity()
    })
    // What was refused was not kept: the field goes back to what was.
    input.addEventListener('blur', () => {
      if (!input.checkValidity()) input.value = String(settings.now.sampling?.[name] ?? '')
    })
    updates.push(() => {
      input.placeholder = String(chat.info?.sampling[name] ?? '')
      if (document.activeElement !== input) input.value = String(settings.now.sampling?.[name] ?? '')
    })
    return labelled(label, about + rangeOf(name), input)
  }

  /** A text that stands for something else, or for nothing that can be (null). */
  function parsedField<Name extends 'stop' | 'logitBias' | 'bannedIds' | 'allowedIds'>(
    name: Name,
    parse: (written: string) => SamplingOptions[Name] | undefined | null,
    write: (value: SamplingOptions[Name] | undefined) => string,
    fault = '',
  ): HTMLElement {
    const [label, about] = text.fields[name]
    const input = element('textarea', {
      rows: name === 'stop' || name === 'logitBias' ? '2' : '1',
      spellcheck: 'false',
    })
    input.addEventListener('input', () => {
      const value = parse(input.value)
      input.setCustomValidity(value === null ? fault : '')
      if (value === null) input.reportValidity()
      else changeSampling({ [name]: value })
    })
    updates.push(() => {
      if (document.activeElement !== input) input.value = write(settings.now.sampling?.[name])
    })
    return labelled(label, about, input)
  }

  /** One of several, as buttons that stay pressed. */
  function choice<Name extends string>(
    label: string,
    options: readonly (readonly [Name, string])[],
    { isChosen, choose }: { isChosen: (name: Name) => boolean; choose: (name: Name) => void },
  ): HTMLElement {
    const buttons = options.map(([name, words]) => button(words, () => choose(name), { class: 'chip' }))
    updates.push(() => {
      for (const [place, one] of buttons.entries())
        one.setAttribute('aria-pressed', String(isChosen(options[place]?.[0] as Name)))
    })
    return element('div', { class: 'choice', role: 'group', 'aria-label': label }, ...buttons)
  }

  const system = element('textarea', { rows: '3' })
  system.addEventListener('input', () => settings.change({ system: system.value.trim() || undefined }))
  updates.push(() => {
    if (document.activeElement !== system) system.value = settings.now.system ?? ''
  })

  const names = Object.keys(text.presets) as PresetName[]
  const sizes = Object.entries(text.fontSizes).sort(([a], [b]) => Number(a) - Number(b))
  const ownNames = Object.entries(languages) as [Language, string][]
  const speak = (language: Language | undefined) => {
    change({ language })
    location.reload()
  }
  const resetAll = () => {
    const { language } = settings.now
    change({
      system: undefined,
      promptFormat: undefined,
      formats: undefined,
      sampling: undefined,
      theme: undefined,
      fontSize: undefined,
      language: undefined,
    } satisfies Record<keyof Settings, undefined>)
    if (language) location.reload()
  }
  const resetReplies = button(text.reset, () => change({ sampling: undefined }))
  updates.push(() => {
    resetReplies.disabled = settings.now.sampling === undefined
  })

  return {
    element: element(
      'main',
      { class: 'view settings form', 'aria-label': text.title },
      element('h2', {}, text.title),
      element('p', {}, text.about),
      card(
        text.looks,
        element('h4', {}, text.language),
        choice(text.language, [['browser', text.asBrowser] as const, ...ownNames], {
          isChosen: (code) => (settings.now.language ?? 'browser') === code,
          choose: (code) => speak(code === 'browser' ? undefined : code),
        }),
        element('p', { class: 'quiet' }, text.languageAbout),
        element('h4', {}, text.theme),
        choice(text.theme, Object.entries(text.themes) as ['system' | 'light' | 'dark', string][], {
          isChosen: (name) => (settings.now.theme ?? 'system') === name,
          choose: (name) => change({ theme: name === 'system' ? undefined : name }),
        }),
        element('h4', {}, text.fontSize),
        choice(text.fontSize, sizes, {
          isChosen: (size) => (settings.now.fontSize ?? 100) === Number(size),
          choose: (size) => change({ fontSize: Number(size) === 100 ? undefined : Number(size) }),
        }),
      ),
      card(
        text.replies,
        choice(
          text.presetsLabel,
          names.map((name) => [name, text.presets[name]]),
          {
            isChosen: (name) => presetOf(settings.now.sampling) === name,
            choose: (name) => change({ sampling: name === 'model' ? undefined : presets[name] }),
          },
        ),
        element('p', { class: 'quiet' }, text.repliesAbout),
        element('div', { class: 'grid' }, ...(Object.keys(text.options) as NumberOption[]).map(numberField)),
        element(
          'details',
          {},
          element('summary', {}, text.more),
          element(
            'div',
            { class: 'grid' },
            parsedField('stop', parseLines, writeLines),
            parsedField('logitBias', parseBiases, writeBiases, text.notBiases),
            parsedField('bannedIds', parseIds, (ids) => ids?.join(', ') ?? '', text.notNumbers),
            parsedField('allowedIds', parseIds, (ids) => ids?.join(', ') ?? '', text.notNumbers),
          ),
        ),
        resetReplies,
      ),
      card(
        text.conversation,
        labelled(text.system, text.systemAbout, system),
        element('h4', {}, text.promptFormat),
        choice(text.promptFormat, Object.entries(text.promptFormats) as ['model' | FormatName, string][], {
          isChosen: (name) => (settings.now.promptFormat ?? 'model') === name,
          choose: (name) => change({ promptFormat: name === 'model' ? undefined : name, formats: undefined }),
        }),
        element('p', { class: 'quiet' }, text.promptFormatAbout),
      ),
      button(text.resetAll, resetAll),
    ),
    show: update,
  }
}

/** What a number may be, behind what it is for; a seed may be any whole number. */
function rangeOf(name: NumberOption): string {
  const [least, most] = numberOptions[name]
  return name === 'seed' ? '' : text.range(formatCount(least).replace('-', '−'), formatCount(most))
}

function card(title: string, ...children: readonly Node[]): HTMLElement {
  return element('section', { class: 'card' }, element('h3', {}, title), ...children)
}

let fields = 0

/** A field with its name, and what it is for. */
function labelled(label: string, about: string, input: HTMLInputElement | HTMLTextAreaElement): HTMLElement {
  const id = `setting-${++fields}`
  input.id = id
  input.setAttribute('aria-describedby', `${id}-about`)
  return element(
    'div',
    { class: 'field' },
    element('label', { for: id }, label),
    input,
    element('small', { id: `${id}-about` }, about),
  )
}
