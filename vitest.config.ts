/**
 * @file Two projects: `node` needs nothing, `gpu` runs kernels and models on Dawn and fails without an adapter. What is
 * long and not the only test of its kind is named `*.verify.test.ts` and runs in `npm run verify` alone.
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
          exclude: ['tests/**/*.gpu.test.ts', '**/node_modules/**', ...inVerifyAlone],
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
    ],
  },
})
