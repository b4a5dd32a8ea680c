import { expect, test, vi } from 'vitest'
import { RwkvError } from '../../src/core/errors.ts'
import { createDevices } from '../../src/engine/devices.ts'
import { createEngine } from '../../src/engine.ts'
import { fileFetch } from '../../src/node/file-fetch.ts'
import { storyteller } from '../tools/engine.ts'

const REAL = { vendor: 'apple', architecture: 'metal-3', description: '' }
const SWIFTSHADER = { vendor: 'google', architecture: 'swiftshader', description: '' }

/** A browser with one adapter, which can be taken away, and its devices, which can be lost. */
function standIn(info: typeof REAL & { isFallbackAdapter?: boolean }) {
  const browser = { isGone: false, asked: 0, lose: () => {} }
  const adapter = {
    info,
    features: new Set(),
    limits: {},
    async requestDevice() {
      const lost = new Promise((resolve) => {
        browser.lose = () => resolve({ reason: 'unknown', message: 'it fell off the bus' })
      })
      return { lost, features: new Set(), destroy() {} }
    },
  }
  const gpu = {
    async requestAdapter() {
      browser.asked++
      return browser.isGone ? null : adapter
    },
  }
  return { browser, gpu: gpu as unknown as GPU }
}

const devicesOver = (gpu: GPU | undefined) =>
  createDevices({ gpu, preset: undefined, advice: undefined, threads: undefined })
const auto = { device: 'auto', preset: undefined } as const
const nameOf = async (devices: ReturnType<typeof devicesOver>, wanted: Parameters<typeof devices.use>[0] = auto) =>
  devices.use(wanted, async ({ backend }) => backend.device)

/** Where the page's policy allows no WebAssembly. */
async function withoutWasm(work: () => Promise<void>): Promise<void> {
  const refused = new WebAssembly.CompileError('violates the policy')
  const compile = vi.spyOn(WebAssembly, 'compile').mockRejectedValue(refused)
  try {
    await work()
  } finally {
    compile.mockRestore()
  }
}

test('a safe start asks for no GPU, unless there is no WebAssembly', async () => {
  const { browser, gpu } = standIn(REAL)
  const safe = { device: 'auto', preset: 'software', safe: true } as const
  const devices = devicesOver(gpu)
  const found = await devices.use(safe, async ({ backend, reason }) => ({ device: backend.device, reason }))
  expect(found).toEqual({ device: 'wasm', reason: 'A safe start was asked for.' })
  expect(browser.asked).toBe(0)
  await withoutWasm(async () => expect(await nameOf(devicesOver(gpu), safe)).toBe('webgpu'))
  expect(await nameOf(devicesOver(gpu), { ...safe, device: 'webgpu' })).toBe('webgpu')
})

test.each([
  ['a GPU', REAL, 'webgpu'],
  ['SwiftShader', SWIFTSHADER, 'wasm'],
  ['llvmpipe', { ...REAL, vendor: 'mesa', architecture: 'llvmpipe' }, 'wasm'],
  ['WARP', { ...REAL, vendor: 'microsoft', architecture: 'warp' }, 'wasm'],
  ['WARP by its long name', { ...REAL, description: 'Microsoft Basic Render Driver' }, 'wasm'],
  [
    'what the browser calls a fallback',
    { vendor: '', architecture: '', description: '', isFallbackAdapter: true },
    'wasm',
  ],
] as const)('auto on %s: %o takes %s, again and again', async (_, info, device) => {
  const { browser, gpu } = standIn(info)
  const devices = devicesOver(gpu)
  expect(await nameOf(devices)).toBe(device)
  expect(browser.asked).toBe(1)
  expect(await nameOf(devices)).toBe(device)
  expect(await nameOf(devices, { device: 'webgpu', preset: undefined })).toBe('webgpu')
  expect(await nameOf(devices)).toBe(device)
  expect(await nameOf(devices, { device: 'wasm', preset: undefined })).toBe('wasm')
  await devices.dispose()
})

test('on a software adapter a model is computed by WebAssembly, and told why', async () => {
  const engine = createEngine({ gpu: standIn(SWIFTSHADER).gpu, fetch: fileFetch })
  const { info } = await engine.loadModel(storyteller)
  expect(info.device).toEqual({ name: 'wasm', reason: expect.stringMatching(/only software \(google swiftshader\)/) })
  expect(info.warnings).toEqual([])
  await engine.dispose()
})

test.each(['wasm/unavailable', 'wasm/out-of-memory', 'wasm/wrong-results'] as const)(
  'a model that WebAssembly refuses with %s runs on software WebGPU, and is told why',
  async (code) => {
    const devices = devicesOver(standIn(SWIFTSHADER).gpu)
    const tried: string[] = []
    const found = await devices.use(auto, async ({ backend, reason, warnings }) => {
      tried.push(backend.device)
      if (backend.device === 'wasm') throw new RwkvError(code, 'It is too large.')
      return { preset: backend.preset, reason, warnings }
    })
    expect(tried).toEqual(['wasm', 'webgpu'])
    expect(found).toEqual({ preset: 'software', reason: 'It is too large.', warnings: [] })
    await devices.dispose()
  },
)

test('where the page may not run WebAssembly, software WebGPU is taken', () =>
  withoutWasm(async () => {
    const devices = devicesOver(standIn(SWIFTSHADER).gpu)
    const { device, reason } = await devices.use(auto, async ({ backend: { device }, reason }) => ({ device, reason }))
    expect([device, reason]).toEqual(['webgpu', expect.stringMatching(/wasm-unsafe-eval/)])
    await devices.dispose()
  }))

const wrong = new RwkvError('gpu/wrong-results', 'This GPU computes wrong results. Update the graphics driver.')

test('under auto alone a model leaves a GPU that computes wrong results, and the user hears of it', async () => {
  const devices = devicesOver(standIn(REAL).gpu)
  const found = await devices.use(auto, async ({ backend: { device }, reason, warnings }) => {
    if (device === 'webgpu') throw wrong
    return { device, reason, warnings }
  })
  const sentence = `${wrong.message} Until then the model runs on the CPU.`
  expect(found).toEqual({ device: 'wasm', reason: wrong.message, warnings: [sentence] })
  const refuse = () => Promise.reject(wrong)
  await expect(devices.use({ device: 'webgpu', preset: undefined }, refuse)).rejects.toBe(wrong)
  await withoutWasm(async () => {
    const others = devicesOver(standIn(REAL).gpu)
    await expect(others.use(auto, refuse)).rejects.toBe(wrong)
    await others.dispose()
  })
  await devices.dispose()
})

test('a lost GPU is asked for again; where none is given the next load is on the CPU, and the user hears of it', async () => {
  const { browser, gpu } = standIn(REAL)
  const devices = devicesOver(gpu)
  const lose = () =>
    devices.use(auto, async ({ backend }) => {
      browser.lose()
      await vi.waitUntil(() => backend.gone.aborted)
      return backend.device
    })
  expect(await lose()).toBe('webgpu')
  expect(await lose()).toBe('webgpu')
  browser.isGone = true
  const { device, reason, warnings } = await devices.use(auto, async ({ backend: { device }, ...why }) => ({
    device,
    ...why,
  }))
  expect(device).toBe('wasm')
  expect(reason).toMatch(/no adapter to offer/)
  expect(warnings).toEqual([expect.stringMatching(/no adapter to offer.*runs on the CPU/)])
  await expect(nameOf(devices, { device: 'webgpu', preset: undefined })).rejects.toMatchObject({
    code: 'gpu/unavailable',
  })
  browser.isGone = false
  expect(await nameOf(devices)).toBe('webgpu')
  await devices.dispose()
})

test('what a model is itself to blame for is told, on the device where it was found', async () => {
  const devices = devicesOver(standIn(REAL).gpu)
  const damaged = new RwkvError('file/truncated', 'It ends too early.')
  const work = vi.fn(() => Promise.reject(damaged))
  await expect(devices.use(auto, work)).rejects.toBe(damaged)
  expect(work).toHaveBeenCalledTimes(1)
  await devices.dispose()
  await expect(devices.use(auto, work)).rejects.toMatchObject({ code: 'gpu/disposed' })
})
