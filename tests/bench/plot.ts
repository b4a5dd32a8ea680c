/** @file A plot of a report: a bar for each contestant that makes tokens, on a scale of powers of ten, as SVG. */

import { isPeer } from './peers.ts'
import type { Report } from './report.ts'

const WIDTH = 720
const LEFT = 130 // of the bars: names stand before them
const RIGHT = 90 // numbers stand behind them
const ROW = 26
const TOP = 46

/** CPU milliseconds a token; the thin line spans least and most. */
export function plotOf({ shape, adapter, contestants, commit }: Report): string {
  const bars = Object.entries(contestants).flatMap(([name, { unit, cpuMs }]) =>
    unit === 'token' ? [{ name, ...cpuMs }] : [],
  )
  const low = Math.floor(Math.log10(Math.min(...bars.map(({ min }) => min), 1)))
  const high = Math.ceil(Math.log10(Math.max(...bars.map(({ max }) => max), 10)))
  const x = (ms: number) => LEFT + ((Math.log10(ms) - low) / (high - low)) * (WIDTH - LEFT - RIGHT)
  const height = TOP + bars.length * ROW + 30
  const axis = Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i)).map(
    (ms) =>
      `<path d="M${at(x(ms))} ${TOP - 4}V${height - 24}" stroke="#ccc"/>` +
      `<text x="${at(x(ms))}" y="${height - 8}" text-anchor="middle">${ms}</text>`,
  )
  const rows = bars.map(({ name, median, min, max }, i) => {
    const y = TOP + i * ROW
    return (
      `<text x="${LEFT - 8}" y="${y + 14}" text-anchor="end">${escapeXml(name)}</text>` +
      `<rect x="${LEFT}" y="${y + 2}" width="${at(x(median) - LEFT)}" height="${ROW - 10}" fill="${isPeer(name) ? '#999' : '#36c'}"/>` +
      `<path d="M${at(x(min))} ${y + 10}H${at(x(max))}" stroke="#000"/>` +
      `<text x="${at(x(max) + 6)}" y="${y + 14}">${median.toPrecision(3)}</text>`
    )
  })
  const title = `CPU ms a token, ${shape}, ${adapter.vendor} ${adapter.architecture}, ${commit}`
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="#fff"/><text x="${LEFT}" y="24" font-size="14">${escapeXml(title)}</text>`,
    ...axis,
    ...rows,
    '</svg>\n',
  ].join('\n')
}

const at = (value: number) => value.toFixed(1)

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
}
