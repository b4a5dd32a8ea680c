/** @file A short title of a conversation, made of its first message without asking a model. */

const LENGTH = 48

/** What one says to ask for something, in small letters, the longer ones first: no part of a title. */
const REQUEST_PHRASES = [
  ...['please', 'hello', 'hi', 'hey', 'could you', 'can you', 'would you', 'will you', 'i want you to', 'i would like'],
  ...['tell me more about', 'tell me about', 'tell me', 'give me', 'show me', 'write me', 'explain to me', 'write'],
  ...['what is the', 'what are the', 'who is the', 'what is', 'what are', 'the', 'an', 'a'],
]

/** The matter of `message`: without what one says to ask for it, its first sentence, cut at a word. */
export function titleOf(message: string): string {
  const plain = message
    .replace(/```[\s\S]*?(```|$)/g, ' ')
    .replace(/[`*_#>|]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  const whole = plain || message.replace(/\s+/g, ' ').trim()
  const [sentence = whole] = /^.+?[.!?…](?=\s|$)/.exec(withoutPhrase(whole)) ?? [withoutPhrase(whole)]
  const matter = sentence.replace(/[\s.,;:…]+$/, '') || whole
  return capitalized(cut(matter, LENGTH))
}

/** `words` with at most `length` letters, at the end of a word if that leaves half of them. */
export function cut(words: string, length: number): string {
  const letters = Array.from(words)
  if (letters.length <= length) return words
  const head = letters.slice(0, length).join('')
  const space = head.lastIndexOf(' ')
  return `${(space > length / 2 ? head.slice(0, space) : head).trimEnd()}…`
}

/** Such as without "Please tell me a"; what is left says something. */
function withoutPhrase(whole: string): string {
  for (const phrase of REQUEST_PHRASES) {
    const rest = whole.toLowerCase().startsWith(phrase) ? whole.slice(phrase.length) : undefined
    if (rest && /^[\s,]/.test(rest) && /[\p{L}\p{N}]{2}/u.test(rest)) return withoutPhrase(rest.replace(/^[\s,]+/, ''))
  }
  return whole
}

function capitalized(words: string): string {
  const [first = ''] = words
  return first.toUpperCase() + words.slice(first.length)
}
