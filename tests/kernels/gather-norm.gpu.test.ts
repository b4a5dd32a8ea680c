import { describe, expect, test } from 'vitest'
import { createBuffer } from '../../src/gpu/buffer.ts'
import { gatherNorm } from '../../src/kernels/gather-norm.ts'
import { createMatrix, writeRows } from '../../src/kernels/matrix.ts'
import { gpuPreset, softwarePreset } from '../../src/kernels/preset.ts'
import { layerNorm } from '../oracle/rwkv4.ts'
import { expectClose } from '../tools/closeness.ts'
import { bufferOf, contents, runOnce, withGpu } from '../tools/gpu.ts'
import { randomArray } from '../tools/random-array.ts'

describe.each([softwarePreset, gpuPreset])('gather-norm with the $name preset', (preset) => {
  test.each([
    { V: 7, C: 64, maxBindingByteLength: undefined },
    { V: 515, C: 160, maxBindingByteLength: undefined },
    { V: 515, C: 160, maxBindingByteLength: 64 * 1024 }, // pieces of 100 rows
    { V: 5, C: 4, maxBindingByteLength: undefined },
  ])(
    'rows are picked by id, or by what a reply drew, and normalised as the oracle does: V=$V C=$C, bindings of $maxBindingByteLength',
    ({ V, C, maxBindingByteLength }) =>
      withGpu(async (gpu) => {
        const table = randomArray(4, V * C, 3)
        const norm = randomArray(5, 2 * C)
        const ids = [0, V - 1, 2, 2, Math.floor(V / 2), 1]
        const matrix = createMatrix(gpu, {
          label: 'emb',
          columns: C,
          stacked: [{ codec: 'f32', rows: V }],
          ...(maxBindingByteLength && { maxBindingByteLength }),
        })
        writeRows(gpu, matrix, 0, new Uint8Array(table.buffer))
        const index = bufferOf(gpu, 'index', Uint32Array.from(ids.flatMap((id) => [id, 99, 99, 2 ** 31 + 1, 99, 99])))
        const drawn = bufferOf(gpu, 'drawn', Uint32Array.of(99, V - 2))
        const norms = bufferOf(gpu, 'norm', norm)
        const out = createBuffer(gpu, { label: 'out', byteLength: 2 * ids.length * C * 4, use: 'storage' })
        const options = { preset, matrix, index, indexStride: 3, drawn, norm: norms, out, count: 'rows' } as const
        const shape = { rows: 2 * ids.length, entries: 1, outputs: 0 }
        await runOnce(gpu, gatherNorm(options), shape)
        const picked = ids.flatMap((id) => [id, V - 2]).map((id) => table.subarray(id * C, (id + 1) * C))
        const expected = picked.flatMap((row) => [...layerNorm(row, norm.subarray(0, C), norm.subarray(C))])
        expectClose(await contents(gpu, out), expected, { atol: 1e-5, rtol: 1e-5 })

        await runOnce(gpu, gatherNorm({ ...options, isNormed: true }), shape)
        expect([...(await contents(gpu, out))]).toEqual(picked.flatMap((row) => [...row]))
        for (const owned of [matrix, index, drawn, norms, out]) owned.dispose()
      }),
  )
})
