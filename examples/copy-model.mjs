// node copy-model.mjs FOLDER: the built-in model, to where an example serves it from.

import { cpSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const model = fileURLToPath(new URL('../demo/public/models/storyteller', import.meta.url))
cpSync(model, process.argv[2] ?? 'model', { recursive: true })
