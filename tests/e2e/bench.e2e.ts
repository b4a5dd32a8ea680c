import { expect, test } from '@playwright/test'
import type { ProductReport, TriedProduct } from '../../demo/views/bench/product-costs.ts'
import { openChat, watchConsole } from './chat-page.ts'
import { expectSound, openView } from './view-page.ts'

test('Bench measures both presets by position, can be cancelled, and its result is copied', async ({
  page,
  context,
}) => {
  test.setTimeout(200_000) // a second on a quiet machine is ten on a busy one
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const seen = watchConsole(page)
  await openChat(page)
  const bench = await openView(page, 'Bench')
  const measure = bench.getByRole('button', { name: 'Measure' })
  await bench.getByRole('combobox', { name: 'Positions up to' }).selectOption('20000')
  await measure.click()
  await expect(bench.getByRole('progressbar', { name: 'Measure' })).toBeVisible()
  await bench.getByRole('button', { name: 'Cancel' }).click()
  await expect(measure).toBeEnabled()
  await expect(bench.getByRole('alert')).toBeHidden()

  await bench.getByRole('combobox', { name: 'Positions up to' }).selectOption('64')
  await measure.click()
  await expect(bench.getByRole('button', { name: 'Copy result' })).toBeVisible({ timeout: 150_000 })
  await bench.getByRole('button', { name: 'Copy result' }).click()
  await expect(bench.getByRole('status')).toHaveText('Copied')
  const report = JSON.parse(await page.evaluate(() => navigator.clipboard.readText()))
  expect(report).toMatchObject({
    model: { name: 'storyteller' },
    device: { name: 'webgpu' },
    adapter: { isFallback: true },
  })
  expect(report.streamingBytesPerSecond).toBeGreaterThan(0)
  expect(report.setups.map(({ preset }: { preset: string }) => preset)).toEqual(['gpu', 'software'])
  for (const {
    tokensPerSecond,
    prefillTokensPerSecond,
    gpuByteLength,
    perToken,
    positions,
    kernels,
  } of report.setups) {
    const timed = kernels.reduce((sum: number, { dispatches }: { dispatches: number }) => sum + dispatches, 0)
    expect(timed).toBe(6 * report.model.config.L + 4)
    expect(Math.abs(perToken.dispatches - timed)).toBeLessThan(8) // slow adapters take a prompt in more steps, or fewer
    expect(tokensPerSecond).toBeGreaterThan(0)
    expect(prefillTokensPerSecond).toBeGreaterThan(0)
    expect(gpuByteLength.late).toBe(gpuByteLength.early)
    expect(positions.map(({ tokens }: { tokens: number }) => tokens)).toEqual([16, 64])
  }
  await expect(bench.getByRole('columnheader', { name: 'software (default here)' }).first()).toBeVisible()
  await bench.getByText('In numbers').click()
  await expect(bench.getByRole('row', { name: /^64 [\d.]+ [\d.]+$/ })).toBeVisible()
  await expect(bench.getByRole('row', { name: /^matvec head 1 [\d.]+ [\d.]+$/ })).toBeVisible()
  await expectSound(page)
  expect(seen).toEqual([])
})

test('Bench tries every shape of a product only where nothing else is measured, and can be cancelled', async ({
  page,
}) => {
  const seen = watchConsole(page)
  await openChat(page)
  const bench = await openView(page, 'Bench')
  const tryAll = bench.getByRole('button', { name: 'Try every shape' })
  const measure = bench.getByRole('button', { name: 'Measure' })
  const workers = page.workers().length
  for (let times = 0; times < 2; times++) {
    await tryAll.click()
    await expect(bench.getByText('Weights in f32, tokens at once: 1')).toBeVisible()
    await expect(measure).toBeDisabled()
    await bench.getByRole('button', { name: 'Cancel' }).click()
    await expect(bench.getByRole('progressbar')).toBeHidden()
    await expect(measure).toBeEnabled()
    await expect.poll(() => page.workers().length).toBe(workers)
  }
  await measure.click()
  await expect(tryAll).toBeDisabled()
  await bench.getByRole('button', { name: 'Cancel' }).click()
  await expect(tryAll).toBeEnabled()
  await expect(bench.getByRole('alert')).toHaveCount(0)
  await expect(bench.getByRole('button', { name: 'Copy result' })).toBeHidden()
  expect(seen).toEqual([])
})

test('what every shape of a product takes is copied with the adapter, each shape timed or named as left out @verify', async ({
  page,
  context,
}) => {
  test.setTimeout(300_000)
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const seen = watchConsole(page)
  await openChat(page)
  const bench = await openView(page, 'Bench')
  await bench.getByRole('button', { name: 'Try every shape' }).click()
  await expect(bench.getByRole('button', { name: 'Copy result' })).toBeVisible({ timeout: 240_000 })
  await bench.getByRole('button', { name: 'Copy result' }).click()
  await expect(bench.getByText('Copied')).toBeVisible()
  const report = JSON.parse(await page.evaluate(() => navigator.clipboard.readText()))
  const { adapter, costs, leftOut }: ProductReport = report.products
  expect(report.setups).toBeUndefined()
  expect(adapter).toMatchObject({ isFallback: true, architecture: 'swiftshader' })
  for (const codec of ['f32', 'f16', 'q8', 'q4'])
    for (const tokens of [1, 8, 128]) {
      const of = <One extends TriedProduct>(all: readonly One[]) =>
        all.filter((one) => one.codec === codec && one.tokens === tokens)
      expect(of<TriedProduct>(costs).length + of<TriedProduct>(leftOut).length).toBeGreaterThan(10)
      expect(of(costs).flatMap(({ presets }) => presets)).toContain('gpu')
      await expect(
        bench.getByRole('row', { name: new RegExp(`^${codec} × ${tokens} ([\\d.,–]+ ){3}[\\d×]+( subgroup)?$`) }),
      ).toBeVisible()
    }
  for (const { wallMs, compile } of costs) expect(Math.min(wallMs, compile.wallMs)).toBeGreaterThan(0)
  expect([...new Set(leftOut.map(({ why }) => why))].filter((why) => !['time', 'no subgroups'].includes(why))).toEqual(
    [],
  )
  await expectSound(page)
  expect(seen).toEqual([])
})
