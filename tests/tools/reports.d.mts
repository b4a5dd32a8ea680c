/** See reports.mjs. */
export interface ReportCounts {
  readonly passed: number
  readonly failed: number
  readonly faults: readonly string[]
}
export function vitestCounts(file: string): ReportCounts
export function playwrightCounts(file: string): ReportCounts
