/**
 * @file Runs a TypeScript program of the tests in node, through Vite, with software Vulkan where there is no GPU:
 * `node tests/tools/run-ts.mjs FILE [arguments]`. The program is its module's `main(arguments)`, which resolves to the
 * exit code.
 */

import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { createServer } from 'vite'
import { softwareVulkan } from './software-vulkan.mjs'

const environment = softwareVulkan()
if (environment.VK_DRIVER_FILES) {
  // The dynamic loader reads LD_LIBRARY_PATH once, at the start of a process.
  const { status } = spawnSync(process.execPath, process.argv.slice(1), {
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  })
  process.exit(status ?? 1)
}

const [file, ...args] = process.argv.slice(2)
// A server rather than a single import: the library imports some of its parts only when they are needed.
const server = await createServer({
  configFile: false,
  logLevel: 'error',
  appType: 'custom',
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  optimizeDeps: { noDiscovery: true },
})
const module = await server.ssrLoadModule(resolve(file))
process.exit(await module.main(args))
