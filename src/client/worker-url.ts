/**
 * @file Where the worker's file is, relative to the code that starts it. The builds put their own answer here: the demo
 * and the dev server what Vite makes of this import, the package a file beside the bundle, the CDN file a blob of its own
 * (see vite.config.ts).
 */

export { default as workerUrl } from '../../workers/rwkv.worker.ts?worker&url'
