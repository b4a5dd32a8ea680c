/** @file The sources in this repository, served for a test page as Vite serves them while developing. */

import { fileURLToPath } from 'node:url'
import { createServer, type Plugin } from 'vite'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Pages and workers are alone in their process, and may share memory. */
const isolated = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' }

/**
 * Start it on a free port, with `plugins`. No file that changes loads a page anew, nor does a dependency that is found late:
 * a test would be lost. The caller closes it.
 */
export async function startPageServer(plugins: Plugin[] = []): Promise<{ url: string; close: () => Promise<void> }> {
  const server = await createServer({
    root,
    configFile: false,
    logLevel: 'error',
    server: { port: 0, host: '127.0.0.1', hmr: false, watch: null, headers: isolated },
    plugins,
    optimizeDeps: { noDiscovery: true, include: ['comlink', '@huggingface/tokenizers', '@noble/hashes/sha2.js'] },
    worker: { format: 'es' },
  })
  await server.listen()
  return { url: server.resolvedUrls?.local[0] ?? '', close: () => server.close() }
}
