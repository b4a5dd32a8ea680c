/** @file The golden .pth, written by PyTorch itself. */

import { goldenFolder } from './golden.ts'
import { rebuilt } from './rebuilt.ts'

/** `odd160.bf16.pth`. */
export const goldenPth = (): Promise<Uint8Array<ArrayBuffer>> => rebuilt(goldenFolder, 'odd160.bf16.pth.json')
