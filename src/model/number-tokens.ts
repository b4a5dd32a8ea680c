/** @file Tokens of the World vocabulary that numbers and tables are written with. */

const digits = Array.from('0123456789')

/** Space, tab, and one or two digits: said again and again, they are no repetition. */
export const numberTokens: readonly string[] = [
  ' ',
  '\t',
  ...digits,
  ...digits.flatMap((tens) => digits.map((ones) => tens + ones)),
]
