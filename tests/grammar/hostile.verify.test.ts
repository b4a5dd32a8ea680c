import { test } from 'vitest'
import { refusesByName } from '../tools/hostile-formats.ts'

test('10,000 hostile formats, over every way in: taken, or refused by name', () => refusesByName(10_000, 9), 600_000)
