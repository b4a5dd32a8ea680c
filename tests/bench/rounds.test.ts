import { describe, expect, test } from 'vitest'
import { type Contestant, measureRounds } from './rounds.ts'

/** Contestants that take what they are told on a clock of their own, and a list of who ran. */
function setUp(costs: Readonly<Record<string, (run: number) => number>>, units = 1) {
  let clock = 0
  const ran: string[] = []
  const contestants = Object.entries(costs).map(([name, cost]): Contestant => {
    let run = 0
    return {
      name,
      unit: 'token',
      units,
      async run() {
        clock += cost(run++)
        ran.push(name)
      },
    }
  })
  const now = async () => ({ wallMs: clock, cpuMs: 2 * clock })
  return { contestants, now, ran }
}

describe('rounds', () => {
  test('take contestants in turn, after two runs of each that are dropped', async () => {
    const { contestants, now, ran } = setUp({ a: () => 100, b: () => 100 })
    await measureRounds(contestants, { rounds: 3, now, spanMs: 100 })
    expect(ran.join('')).toBe('aabbababab')
  })

  test('tell what a unit took, without what the first two runs paid for', async () => {
    const { contestants, now } = setUp({ a: (run) => (run < 2 ? 1000 : 24) }, 8)
    const costs = await measureRounds(contestants, { rounds: 2, now, spanMs: 0 })
    expect(costs).toEqual({
      a: [
        { wallMs: 3, cpuMs: 6 },
        { wallMs: 3, cpuMs: 6 },
      ],
    })
  })

  test('run the quick as often as fits the span, the slow once', async () => {
    const { contestants, now, ran } = setUp({ quick: () => 10, slow: () => 500 })
    const costs = await measureRounds(contestants, { rounds: 1, now, spanMs: 100 })
    expect(ran.filter((name) => name === 'quick')).toHaveLength(2 + 10)
    expect(ran.filter((name) => name === 'slow')).toHaveLength(2 + 1)
    expect(costs.quick).toEqual([{ wallMs: 10, cpuMs: 20 }])
  })

  test('each has its say', async () => {
    const { contestants, now } = setUp({ a: () => 1 })
    const heard: number[] = []
    await measureRounds(contestants, { rounds: 3, now, spanMs: 1, onRound: (round) => heard.push(round) })
    expect(heard).toEqual([0, 1, 2])
  })
})
