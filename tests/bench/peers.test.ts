import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { findLockFaults } from '../tools/check-lock.mjs'
import { isPeer, peerVersions } from './peers.ts'

const readJson = (file: string) => JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8'))

test('the lock of the peers has all packages, and their versions are exact', () => {
  expect(findLockFaults(readJson('package.json'), readJson('package-lock.json'))).toEqual([])
  expect(Object.keys(peerVersions())).toEqual(['@jax-js/jax', '@wllama/wllama', 'onnxruntime-web'])
})

test('peers are told from ours by name', () => {
  expect(['ort-wasm', 'jax-webgpu', 'wllama-q8', 'prefill-wllama-q8'].every(isPeer)).toBe(true)
  expect(['ours-f32', 'prefill', 'batch8', 'early'].some(isPeer)).toBe(false)
})
