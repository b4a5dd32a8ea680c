/** @file The versions of RWKV that are run. Nothing else imports one of them, but for their tensors: see `tensors.ts`. */

import type { Architecture } from '../forward/architecture.ts'
import { v4 } from './v4/v4.ts'
import { v5 } from './v5/v5.ts'
import { v6 } from './v6/v6.ts'
import { v7 } from './v7/v7.ts'

/** The first is what a checkpoint is taken for that has no mark of any version. */
export const architectures: readonly Architecture[] = [v4, v5, v6, v7]
