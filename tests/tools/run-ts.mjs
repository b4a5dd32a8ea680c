/**
 * @file Runs a TypeScript program of the tests in node, through Vite, with software Vulkan where there is no GPU:
 * `node tests/tools/run-ts.mjs FILE [arguments]`. The program is its module's `main(arguments)`, which resolves to the
 * exit code.
 */

import { spawnSync } from 'node:child_process'
import { runnerImport } from 'vite'
import { softwareVulkan } from './software-vulkan.mjs'

const environment = softwareVulkan()
if (environment.VK_DRIVER_FILES && process.env.VK_DRIVER_FILES !== environment.VK_DRIVER_FILES) {
  // The dynamic loader reads LD_LIBRARY_PATH once, at the start of a process.
  const { status } = spawnSync(process.execPath, process.argv.slice(1), {
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  })
  process.exit(status ?? 1)
}

const [file, ...args] = process.argv.slice(2)
const { module } = await runnerImport(file, { configFile: false, logLevel: 'error' })
process.exit(await module.main(args))
