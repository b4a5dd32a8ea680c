/** @file Makes DOM elements. Text goes in as text nodes only, so nothing a model writes can become markup. */

import { createIcon } from './icons.ts'

/** Attributes by name; `true` stands for an empty one, `false` leaves it out. */
export type Attributes = Readonly<Record<string, string | boolean>>

/** A new element with attributes and children; strings become text nodes. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) made.setAttribute(name, value === true ? '' : value)
  }
  made.append(...children)
  return made
}

/** A button that does something, and never submits a form by accident. */
export function button(label: string, onClick: () => void, attributes: Attributes = {}): HTMLButtonElement {
  const made = element('button', { type: 'button', ...attributes }, label)
  made.addEventListener('click', onClick)
  return made
}

/** A button with an icon in place of its label, which is its name. */
export function iconButton(label: string, icon: string, onClick: () => void, attributes: Attributes = {}) {
  const made = button('', onClick, { title: label, 'aria-label': label, ...attributes })
  made.append(createIcon(icon))
  return made
}
