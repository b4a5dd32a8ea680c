import { describe, expect, test } from 'vitest'
import { canonicalAddress } from '../../src/core/address.ts'

const HUB = 'https://huggingface.co'

describe('one place has one address', () => {
  test.each<[string, readonly string[]]>([
    [
      'hf:o/r/f.pth',
      [
        'hf:o/r/f.pth',
        `${HUB}/o/r/blob/main/f.pth`,
        `${HUB}/o/r/resolve/main/f.pth?download=true`,
        `${HUB}/o/r/raw/main/f.pth#top`,
        'huggingface.co/o/r/blob/main/f.pth',
        'https://hf.co/o/r/blob/main/f.pth',
        ' https://www.huggingface.co/o/r/blob/main/f.pth\n',
        'hf:o/r/blob/main/f.pth',
        'hf:o/r/resolve/main/f.pth',
        'hf:o/r@main/f.pth',
        'hf://o/r/f.pth',
        'hf://models/o/r@main/f.pth',
      ],
    ],
    [
      'hf:o/r',
      ['hf:o/r', 'hf:o/r/', 'hf:o/r@main', `${HUB}/o/r`, `${HUB}/o/r/`, `${HUB}/o/r/tree/main`, 'hf:o/r/tree/main/'],
    ],
    ['hf:o/r@v1.0', ['hf:o/r@v1.0', `${HUB}/o/r/tree/v1.0`, 'hf:o/r/tree/v1.0']],
    ['hf:o/r@refs%2Fpr%2F1/x/y.st', [`${HUB}/o/r/blob/refs%2Fpr%2F1/x/y.st`, 'hf:o/r@refs%2Fpr%2F1/x/y.st']],
    ['hf:o/r/v2/', [`${HUB}/o/r/tree/main/v2`, 'hf:o/r/tree/main/v2', 'hf:o/r/v2/']],
    ['hf:o/r/v2/ü x.pth', [`${HUB}/o/r/blob/main/v2/%C3%BC%20x.pth`, 'hf:o/r/v2/ü x.pth']],
    [
      'https://page/m/x.pth?v=2',
      ['https://page/m/x.pth?v=2', 'https://page/m/x.pth?v=2#there', './x.pth?v=2', '/m/x.pth?v=2'],
    ],
  ])('%s', (address, spellings) => {
    for (const spelling of spellings)
      expect([spelling, canonicalAddress(spelling, 'https://page/m/')]).toEqual([spelling, address])
    expect(canonicalAddress(address)).toBe(address)
  })

  test('a URL is an address too', () => {
    expect(canonicalAddress(new URL(`${HUB}/o/r/blob/main/f.pth`))).toBe('hf:o/r/f.pth')
  })

  test.each([
    'hf:',
    'hf:o',
    'blob:https://page/1f0e#x',
    'data:application/octet-stream;base64,AAA=',
    `${HUB}/o`,
    `${HUB}/datasets/o/r/resolve/main/f.pth`,
    'https://mirror.example/o/r/resolve/main/f.pth',
    'a.pth, vocab.txt',
  ])('%s stays as it is', (address) => {
    expect(canonicalAddress(address)).toBe(address)
  })
})
