import { createInterface } from 'node:readline/promises'
import { createNodeEngine } from 'rwkv.js/node'

const engine = await createNodeEngine()
const model = await engine.loadModel(process.argv[2] ?? 'model') // a folder, a file, or hf:owner/repo
const session = await model.createSession()
console.log(`${model.info.name} on ${model.info.device.name}. An empty line ends the chat.`)

const terminal = createInterface({ input: process.stdin, output: process.stdout })
terminal.setPrompt('> ')
terminal.prompt()
for await (const line of terminal) {
  if (line.trim() === '') break
  for await (const piece of session.prompt(line, { sampling: { maxTokens: 200 } })) process.stdout.write(piece)
  process.stdout.write('\n')
  terminal.prompt()
}
terminal.close()
await engine.dispose()
