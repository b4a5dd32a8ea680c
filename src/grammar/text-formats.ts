/** @file The formats of texts that JSON Schema names, as patterns. Narrower than what the standards allow where that is odd. */

const DATE = (() => {
  const month31 = '(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])'
  const month30 = '(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)'
  const february = '02-(?:0[1-9]|1\\d|2[0-8])'
  const leapYear = '(?:\\d\\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)'
  return `(?:\\d{4}-(?:${month31}|${month30}|${february})|${leapYear}-02-29)`
})()
const HOURS = '(?:[01]\\d|2[0-3]):[0-5]\\d'
const WORD = '[\\w+-]{1,32}'
const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?'

/** Patterns by the format's name. */
export const FORMATS: ReadonlyMap<string, string> = new Map([
  ['date', DATE],
  ['date-time', `${DATE}T${HOURS}:[0-5]\\d(?:\\.\\d{1,9})?(?:Z|[+-]${HOURS})`],
  ['uuid', '[\\da-fA-F]{8}-(?:[\\da-fA-F]{4}-){3}[\\da-fA-F]{12}'],
  ['email', `${WORD}(?:\\.${WORD})?@(?:${LABEL}\\.){1,3}[a-z]{2,24}`],
])
