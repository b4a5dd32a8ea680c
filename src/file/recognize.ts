/**
 * @file Identifies files that cannot be read as weights by their first bytes, so that the error names the mistake (a web page
 * served in the file's place, a git-lfs pointer, a checkpoint of another format) instead of "bad header".
 */

import { RwkvError } from '../core/errors.ts'

/** How many leading bytes `refuseForeign` and `refuseImpostor` look at. */
export const RECOGNIZE_BYTE_LENGTH = 512

interface Foreign {
  readonly is: string
  readonly advice: string
  /** Text (latin-1) at `at`, 0 if left out. */
  readonly magic: string
  readonly at?: number
}

const RESAVE =
  'Save it again in Python with a PyTorch of 1.6 or later: torch.save(torch.load(path, map_location="cpu", ' +
  'weights_only=True), "model.pth").'
const OTHER = 'Take the .safetensors or .pth file of the model.'

const FOREIGN: readonly Foreign[] = [
  { magic: 'PK\x05\x06', is: 'an empty zip archive', advice: OTHER },
  { magic: '\x80\x02', is: 'a Python pickle, as in old PyTorch .pth files', advice: RESAVE },
  { magic: '\x80\x03', is: 'a Python pickle', advice: RESAVE },
  { magic: '\x80\x04', is: 'a Python pickle', advice: RESAVE },
  { magic: '\x80\x05', is: 'a Python pickle', advice: RESAVE },
  { magic: 'ustar', at: 257, is: 'a tar archive, as in the oldest PyTorch .pth files', advice: RESAVE },
  { magic: 'lmgg', is: 'a ggml file', advice: OTHER },
  { magic: 'fmgg', is: 'a ggml file (rwkv.cpp)', advice: OTHER },
  { magic: 'tjgg', is: 'a ggml file', advice: OTHER },
  { magic: '\x89HDF', is: 'an HDF5 file (Keras)', advice: OTHER },
  { magic: 'TFL3', at: 4, is: 'a TensorFlow Lite file', advice: OTHER },
  { magic: '\x93NUMPY', is: 'a NumPy array file', advice: OTHER },
  { magic: '\x1f\x8b', is: 'a gzip archive', advice: 'Unpack it first.' },
  { magic: '\x28\xb5\x2f\xfd', is: 'a zstd archive', advice: 'Unpack it first.' },
  { magic: "7z\xbc\xaf'", is: 'a 7z archive', advice: 'Unpack it first.' },
]

const PREFAB = {
  is: 'a model as web-rwkv holds it in memory (.prefab, also when it is named .st)',
  advice: 'Take the .st or .pth file it was made from.',
}
const ONNX = { is: 'an ONNX file', advice: OTHER }

/**
 * Refuse what is plainly not a file of this name: an HTML page or a git-lfs pointer.
 * @param contentType of the response, if there was one: makes any markup count as a page.
 * @throws RwkvError `file/not-weights` naming which.
 */
export function refuseImpostor(bytes: Uint8Array, file: string, contentType = ''): void {
  const text = latin1(bytes)
    .replace(/^(?:\xef\xbb\xbf)?\s+|^\xef\xbb\xbf/, '')
    .toLowerCase()
  if (/^<(!doctype\s+html|html[\s>])/.test(text) || (/html/i.test(contentType) && /^<[!a-z]/.test(text))) {
    throw new RwkvError(
      'file/not-weights',
      `${file}: found an HTML page in place of the file. Servers of single-page apps answer so when a file is missing: check that the address is right and that the file is there.`,
    )
  }
  if (text.startsWith('version https://git-lfs.github.com/')) {
    throw new RwkvError(
      'file/not-weights',
      `${file}: found a git-lfs pointer, a small text that stands for the file. Run "git lfs pull" where it came from, or download the file itself.`,
    )
  }
}

/**
 * Refuse files of a known format that is neither safetensors nor a .pth.
 * @throws RwkvError `file/unsupported` naming the format; `file/not-weights` for a page, a pointer or JSON.
 */
export function refuseForeign(bytes: Uint8Array, file: string): void {
  refuseImpostor(bytes, file)
  // The u64 header length of a safetensors file below 16 MiB: its bytes 3 to 7 are zero, and those of no format below.
  if (bytes.length >= 8 && bytes.subarray(3, 8).every((byte) => byte === 0)) return
  const text = latin1(bytes)
  const found =
    FOREIGN.find(({ magic, at = 0 }) => text.startsWith(magic, at)) ??
    (isOnnx(bytes) ? ONNX : isPrefab(bytes) ? PREFAB : undefined)
  if (found)
    throw new RwkvError(
      'file/unsupported',
      `${file} is ${found.is}; expected safetensors or a PyTorch .pth. ${found.advice}`,
    )
  if (/^\s*[{[]\s*["{[]/.test(text)) {
    throw new RwkvError('file/not-weights', `${file}: found JSON text; expected weights. ${OTHER}`)
  }
}

/** True for a GGUF file. */
export const isGguf = (bytes: Uint8Array): boolean => latin1(bytes).startsWith('GGUF')

/** True for a zip archive, which a .pth is; its first record follows at once. */
export function isZip(bytes: Uint8Array): boolean {
  return latin1(bytes).startsWith('PK\x03\x04')
}

/** ONNX has no magic: a protobuf that begins with a small version (field 1), then the producer's name (field 2). */
function isOnnx([field1 = 0, version = 0, field2 = 0, length = 0]: Uint8Array): boolean {
  return field1 === 0x08 && version > 0 && version < 32 && field2 === 0x12 && length > 0 && length < 64
}

/** CBOR: a map of few members, the first of which has a short name. */
function isPrefab([map = 0, key = 0]: Uint8Array): boolean {
  return ((map > 0xa0 && map < 0xb8) || map === 0xbf) && key > 0x60 && key < 0x78
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, RECOGNIZE_BYTE_LENGTH))
}
