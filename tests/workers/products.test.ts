import { describe, expect, test } from 'vitest'
import { nameOfShape, type Took } from '../../demo/views/bench/product-costs.ts'
import { gpuPreset, softwarePreset, softwareSubgroupPreset } from '../../src/kernels/preset.ts'
import { presetWith, productsToTry } from '../../workers/products/shapes.ts'
import { timeInTurns } from '../../workers/products/time-in-turns.ts'

const CODECS = ['f32', 'f16', 'q8', 'q4'] as const

describe('what is tried', () => {
  test.each([softwarePreset, softwareSubgroupPreset])('no shape twice, and first those of the presets', (software) => {
    for (const codec of CODECS)
      for (const tokens of [1, 8, 128]) {
        const tried = productsToTry(codec, tokens, [gpuPreset, software])
        const names = tried.map(({ shape }) => nameOfShape(shape))
        expect(new Set(names).size).toBe(names.length)
        expect(tried[0]?.presets).toEqual(['gpu'])
        expect(tried[1]?.presets).toEqual(['software'])
        expect(tried.slice(2).flatMap(({ presets }) => presets)).toEqual([])
      }
  })

  test('a preset that cuts products as another does is named with it', () => {
    const [first] = productsToTry('f32', 1, [gpuPreset, { ...gpuPreset, name: 'software' }])
    expect(first?.presets).toEqual(['gpu', 'software'])
  })

  test.each([gpuPreset, softwarePreset, softwareSubgroupPreset])(
    'the shapes of $name cut products as it does',
    (preset) => {
      for (const codec of CODECS) {
        const isOfBlocks = codec === 'q8' || codec === 'q4'
        const [one, many] = [1, 8].map((tokens) => productsToTry(codec, tokens, [preset])[0]?.shape)
        if (!one || !many) throw new Error('nothing to try')
        expect(presetWith(softwarePreset, one)).toMatchObject({
          matvecOfBlocks: isOfBlocks ? preset.matvecOfBlocks : preset.matvec,
          sharesBySubgroup: preset.sharesBySubgroup,
        })
        expect(presetWith(softwarePreset, many)).toMatchObject({
          matmul: preset.matmul,
          sharesBySubgroup: preset.sharesBySubgroup,
        })
      }
    },
  )
})

/** Ways that take so long by a clock of their own, of which each takes 50 ms to begin. */
function waysOf(ms: readonly number[], { hasCpu = false, budgetMs = Number.POSITIVE_INFINITY } = {}) {
  let now = 1000
  const turns: number[] = []
  const found = timeInTurns({
    ways: ms.map((each, way) => ({ way, each })),
    clock: (): Took => (hasCpu ? { wallMs: now, cpuMs: now * 2 } : { wallMs: now }),
    untilMs: now + budgetMs,
    async begin({ way, each }) {
      now += 50
      if (each < 0) throw new Error('refused')
      return async (times) => {
        now += each * times
        turns.push(way)
      }
    },
  })
  return { found, turns, tookMs: () => now - 1000 }
}

describe('ways that are timed in turns', () => {
  test('take what they take, by every clock there is, the first time apart', async () => {
    const { timed } = await waysOf([0.01, 3, 40], { hasCpu: true }).found
    expect(timed.map(({ way }) => way.way)).toEqual([0, 1, 2])
    for (const [i, each] of [0.01, 3, 40].entries()) {
      expect(timed[i]?.wallMs).toBeCloseTo(each, 9)
      expect(timed[i]?.cpuMs).toBeCloseTo(each * 2, 9)
      expect(timed[i]?.first.wallMs).toBeCloseTo(50 + each, 9)
    }
    const [onlyWall] = (await waysOf([3]).found).timed
    expect(onlyWall).not.toHaveProperty('cpuMs')
  })

  test('go round five times, each once a round', async () => {
    const { found, turns } = waysOf([40, 50, 60])
    await found
    expect(turns.slice(-15)).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2])
  })

  test.each([100, 1000, 5000])(
    'keep to a budget of %d ms: each is timed or named as late, the first ones timed',
    async (budgetMs) => {
      const ms = [300, 10, 700, 300, 20, 900, 300, 300]
      const { found, tookMs } = waysOf(ms, { budgetMs })
      const { timed, late } = await found
      expect(timed.length).toBeGreaterThan(0)
      expect([...timed.map(({ way }) => way.way), ...late.map(({ way }) => way)]).toEqual(ms.map((_, i) => i))
      for (const { way, wallMs } of timed) expect(wallMs).toBeCloseTo(way.each, 9)
      const oneEach = timed.reduce((sum, { way }) => sum + Math.max(way.each, 60), 0)
      expect(tookMs()).toBeLessThan(budgetMs + 3 * 900 + 50 + oneEach) // what was begun is ended
    },
  )

  test('one that is refused is told with its error, and the others go on', async () => {
    const { timed, refused, late } = await waysOf([40, -1, 50]).found
    expect(timed.map(({ way }) => way.way)).toEqual([0, 2])
    expect(refused.map(({ way, error }) => [way.way, String(error)])).toEqual([[1, 'Error: refused']])
    expect(late).toEqual([])
  })
})
