import { expect, test } from 'vitest'
import type { LoadOptions, Model, Recovery, Reply } from '../../src/engine.ts'
import { withEngine } from '../tools/engine.ts'
import { loseAt } from '../tools/losses.ts'
import { askEverything } from '../tools/recovered.ts'
import { tinyFetch, tinyModel, tinyModel7, withTiny } from '../tools/tiny-model.ts'

test.each([
  ['RWKV-4', tinyModel],
  ['RWKV-7', tinyModel7],
])(
  '%s: a device that is destroyed while it is waited for, again and again, changes no id and leaves no byte',
  async (_, source) => {
    const outcome = async (isLost: (wait: number) => boolean) => {
      const losses = loseAt(isLost)
      const heard: Recovery[] = []
      let said: unknown
      await withEngine(
        async (engine, devices) => {
          const model = await engine.loadModel(source, { onRecovery: (recovery) => heard.push(recovery) })
          said = await askEverything(model)
          await model.dispose()
          expect((await model.counters()).gpuByteLength).toBe(0)
          expect(devices.length).toBe(1 + losses.lost)
        },
        { fetch: tinyFetch, onDevice: losses.onDevice },
      )
      return { said, heard, losses }
    }
    const undisturbed = await outcome(() => false)
    expect(undisturbed.heard).toEqual([])
    // In the load, then in the work, in the load of another device, and in the work again.
    const { waits } = undisturbed.losses
    const places = [20, 0.6 * waits, waits, 1.8 * waits].map(Math.floor)
    const disturbed = await outcome((wait) => places.includes(wait))
    expect(disturbed.said).toEqual(undisturbed.said)
    expect(disturbed.losses.lost).toBe(4)
    expect(disturbed.heard.map(({ phase }) => phase)).toContain('back')
    expect(disturbed.heard.every(({ sameIds }) => sameIds)).toBe(true)
  },
)

/** What `withoutAnother` shows. */
interface Parts {
  readonly model: Model
  /** It had begun before. */
  readonly reply: Reply
  readonly heard: readonly Recovery[]
}

const sampling = { maxTokens: 30, bannedIds: [0, 259] }

/** Lose what passes for a GPU in the middle of a reply; no other is given. */
async function withoutAnother(options: LoadOptions, work: (parts: Parts) => Promise<void>): Promise<void> {
  const heard: Recovery[] = []
  let isGone = false
  const onAdapter = (adapter: GPUAdapter) =>
    isGone
      ? null
      : Object.defineProperty(adapter, 'info', { value: { vendor: 'made', architecture: 'up', description: '' } })
  await withEngine(
    async (engine, devices) => {
      const model = await engine.loadModel(tinyModel, { ...options, onRecovery: (recovery) => heard.push(recovery) })
      expect(model.info.device.name).toBe('webgpu')
      const session = await model.createSession({ sampling })
      const reply = session.prompt('How do you do?')
      await reply[Symbol.asyncIterator]().next()
      isGone = true
      devices[0]?.destroy()
      await work({ model, reply, heard })
      await model.dispose()
      expect((await model.counters()).gpuByteLength).toBe(0)
    },
    { fetch: tinyFetch, device: 'auto', onAdapter },
  )
}

test('where no other GPU is given in time, a reply goes on on the CPU, and whoever listens hears that ids may differ', () =>
  withoutAnother({ recoveryMs: 150 }, async ({ model, reply, heard }) => {
    const { ids } = await reply.summary
    expect(ids).toHaveLength(30)
    await withTiny(async (other) => {
      const session = await other.createSession({ sampling })
      expect(ids).toEqual((await session.prompt('How do you do?').summary).ids) // as a model of f32 is as good on either
    })
    expect(heard.map(({ phase, sameIds }) => ({ phase, sameIds }))).toEqual([
      { phase: 'waiting', sameIds: true },
      { phase: 'back', sameIds: false },
    ])
    expect(heard[1]?.info.device.name).toBe('wasm')
    expect(model.info.device.name).toBe('wasm')
    expect(model.info.warnings).toEqual([expect.stringMatching(/runs on another device since/)])
  }))

test('under webgpu they reject with what is to be done, in time, and so does every later call', () =>
  withoutAnother({ device: 'webgpu', recoveryMs: 150 }, async ({ model, reply, heard }) => {
    const lost = { code: 'gpu/lost', message: expect.stringMatching(/no adapter to offer.*load the model again/) }
    await expect(reply.summary).rejects.toMatchObject(lost)
    await expect(model.createState()).rejects.toMatchObject(lost)
    expect(heard.map(({ phase }) => phase)).toEqual(['waiting', 'gone'])
  }))

test('a model that is disposed while it is waited for says that', () =>
  withoutAnother({ device: 'webgpu' }, async ({ model, reply }) => {
    await expect.poll(async () => (await model.counters()).gpuByteLength).toBe(0)
    await model.dispose()
    await expect(reply.summary).rejects.toMatchObject({ code: 'model/disposed' })
  }))
