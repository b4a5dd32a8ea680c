import { expect, test } from '@playwright/test'
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
