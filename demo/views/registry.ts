/** @file The views beside the chat, in the order of the navigation. Each is fetched when it is first asked for. */

import type { App, View } from '../app.ts'

/** Name in the address (`#about`) -> its code. The title is `text.views[name]`. */
export const views = {
  models: async (app: App): Promise<View> => (await import('./models.ts')).createModelsView(app),
  settings: async (app: App): Promise<View> => (await import('./settings.ts')).createSettingsView(app),
  lab: async (app: App): Promise<View> => (await import('./lab.ts')).createLabView(app),
  compare: async (app: App): Promise<View> => (await import('./compare.ts')).createCompareView(app),
  structured: async (app: App): Promise<View> => (await import('./structured.ts')).createStructuredView(app),
  state: async (app: App): Promise<View> => (await import('./state.ts')).createStateView(app),
  bench: async (app: App): Promise<View> => (await import('./bench.ts')).createBenchView(app),
  about: async (app: App): Promise<View> => (await import('./about.ts')).createAboutView(app),
} as const

export type ViewName = keyof typeof views
