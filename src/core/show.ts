/** @file What was given, as messages of errors show it. */

/** `value` much as JSON writes it, cut after `most` characters. Never throws, whatever the value is and does. */
export function show(value: unknown, most = 80): string {
  let text = ''
  const write = (part: string) => {
    text += part
    if (text.length > most) throw ENOUGH
  }
  function walk(value: unknown): void {
    if (typeof value !== 'object' || value === null) {
      if (typeof value === 'string') write(JSON.stringify(value.slice(0, most)))
      else write(typeof value === 'function' ? 'a function' : String(value))
      return
    }
    const isList = Array.isArray(value)
    write(isList ? '[' : '{')
    let isFirst = true
    for (const name in value) {
      if (!Object.hasOwn(value, name)) continue
      if (!isFirst) write(',')
      isFirst = false
      if (!isList) write(`${JSON.stringify(name.slice(0, most))}:`)
      walk((value as Record<string, unknown>)[name])
    }
    write(isList ? ']' : '}')
  }
  try {
    walk(value)
    return text
  } catch (error) {
    return error === ENOUGH ? `${text.slice(0, most)}…` : `${text || 'something'} …` // of a getter or a proxy
  }
}

const ENOUGH = new Error('enough')
