import { test } from 'vitest'
import { refusesByName } from '../tools/hostile-formats.ts'

test('300 hostile formats, over every way in: taken, or refused by name', () => refusesByName(300, 8))
