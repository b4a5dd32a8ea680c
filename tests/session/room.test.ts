import { describe, expect, test } from 'vitest'
import { createRoom } from '../../src/session/room.ts'

/** A room of models of 10 bytes each, the first used longest ago; `gone` are those that were disposed. */
function roomOf(names: readonly string[]) {
  const room = createRoom()
  const gone: string[] = []
  const tenants = names.map((name, usedAt) => {
    const tenant = {
      name,
      usedAt,
      byteLength: () => 10,
      async dispose() {
        gone.push(name)
        moveOut()
      },
    }
    const moveOut = room.add(tenant)
    return tenant
  })
  return { room, gone, tenants }
}

const wanted = { name: 'new', byteLength: 10 }

describe('room for models', () => {
  test('without a budget there always is', async () => {
    const { room, gone } = roomOf(['a', 'b'])
    await room.make(wanted, {})
    expect(gone).toEqual([])
  })

  test('whoever was not used for longest goes, and no more than must', async () => {
    const { room, gone, tenants } = roomOf(['a', 'b', 'c'])
    if (tenants[0]) tenants[0].usedAt = 9
    const leave = await room.make(wanted, { budgetByteLength: 30, evict: 'least-recently-used' })
    expect(gone).toEqual(['b'])
    leave()
    const again = await room.make(wanted, { budgetByteLength: 30, evict: 'least-recently-used' })
    again()
    expect(gone).toEqual(['b']) // two are left, the third fits
    await room.make(wanted, { budgetByteLength: 19, evict: 'least-recently-used' })
    expect(gone).toEqual(['b', 'c', 'a'])
  })

  test('unasked, nobody goes: the load is refused', async () => {
    const { room, gone } = roomOf(['a', 'b'])
    await expect(room.make(wanted, { budgetByteLength: 29 })).rejects.toMatchObject({
      code: 'gpu/limits',
      message: expect.stringMatching(/new takes 10 bytes, .* loaded take 20; the budget is 29/),
    })
    await room.make(wanted, { budgetByteLength: 30 })
    expect(gone).toEqual([])
  })

  test('what fits no budget disposes nobody', async () => {
    const { room, gone } = roomOf(['a'])
    const options = { budgetByteLength: 9, evict: 'least-recently-used' } as const
    await expect(room.make(wanted, options)).rejects.toMatchObject({ code: 'gpu/limits' })
    expect(gone).toEqual([])
  })

  test('what was promised to one is not there for another, until it has moved in or did not come', async () => {
    const { room, gone } = roomOf(['a'])
    const options = { budgetByteLength: 25, evict: 'least-recently-used' } as const
    const leave = await room.make(wanted, options)
    expect(gone).toEqual([])
    await expect(room.make({ ...wanted, byteLength: 16 }, options)).rejects.toMatchObject({ code: 'gpu/limits' })
    await room.make(wanted, options)
    expect(gone).toEqual(['a'])
    leave()
    await room.make({ ...wanted, byteLength: 15 }, options)
  })
})
