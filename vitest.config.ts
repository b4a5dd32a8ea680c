/**
 * @file Four projects: `node` needs nothing, `gpu` runs kernels and models on Dawn and fails without an adapter,
 * `sessions-on-wasm` the laws of sessions in WebAssembly, `webkit` the built pages in WebKitGTK. What is long and not the only test of its kind is named `*.verify.test.ts` and runs in
 * `npm run verify` alone.
 */

import { defineConfig } from 'vitest/config'

const inVerifyAlone = process.env.RWKV_VERIFY ? [] : ['tests/**/*.verify.*']

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'node',
          include: ['tests/**/*.test.ts'],
          exclude: ['tests/**/*.{gpu,webkit}.test.ts', '**/node_modules/**', ...inVerifyAlone],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'gpu',
          include: ['tests/**/*.gpu.test.ts'],
          exclude: ['**/node_modules/**', ...inVerifyAlone],
          globalSetup: ['tests/tools/global-setup.ts'],
          pool: 'forks',
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'sessions-on-wasm',
          // The long ones too, which are short here; but not that of made-up kernels of WebGPU.
          include: ['tests/session/!(wide-state).gpu.test.ts'],
          env: { RWKV_DEVICE: 'wasm' },
          pool: 'forks',
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'webkit',
          include: ['tests/**/*.webkit.test.ts'],
          exclude: ['**/node_modules/**'],
          testTimeout: 300_000,
          hookTimeout: 600_000, // what is not here is installed
          expect: { poll: { timeout: 60_000 } },
        },
      },
    ],
  },
})
