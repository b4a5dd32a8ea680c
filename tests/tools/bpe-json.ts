/** @file A tokenizer.json of 263 tokens with all that GPT-NeoX's has: bytes, merges, special and added tokens. */

/** Bytes as the characters that stand for them in such files: themselves if printable, else from U+0100 on, in order. */
export const byteCharacters: readonly string[] = (() => {
  let next = 0x100
  return Array.from({ length: 256 }, (_, byte) => {
    const isPrintable = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad)
    return String.fromCodePoint(isPrintable ? byte : next++)
  })
})()

/** Its text; `change` replaces fields at the top. */
export function tinyBpe(change: object = {}): string {
  const tokens = ['<|endoftext|>', '<|padding|>', ...byteCharacters, 'he', 'hel', 'Ġh', 'Ġhe']
  // he and hel take the ids behind the bytes: 258 and 259.
  const vocab = Object.fromEntries(tokens.map((token, id) => [token, id]))
  return JSON.stringify({
    version: '1.0',
    added_tokens: [
      { id: 0, special: true, content: '<|endoftext|>', normalized: false },
      { id: 1, special: true, content: '<|padding|>', normalized: false },
      { id: 262, special: false, content: '    ', normalized: true },
    ],
    normalizer: { type: 'NFC' },
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true },
    post_processor: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true },
    decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true },
    model: { type: 'BPE', unk_token: null, vocab, merges: ['h e', 'he l', 'Ġ h', 'Ġh e'] },
    ...change,
  })
}
