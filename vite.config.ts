/**
 * @file Three things are built: the demo (default), and with `--mode library` the package's ESM files with the worker
 * beside them.
 */

import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

export default defineConfig(({ mode }) => ({
  root: 'demo',
  base: './',
  server: { host: true, port: 5173, fs: { allow: ['..'] } },
  // Found late, in the worker, they would reload the page.
  optimizeDeps: { include: ['comlink', '@huggingface/tokenizers', '@noble/hashes/sha2.js'] },
  preview: { port: 4173, strictPort: true },
  worker: { format: 'es', rollupOptions: { output: { entryFileNames: 'rwkv.worker.js' } } },
  build:
    mode === 'library'
      ? {
          outDir: path('dist'),
          emptyOutDir: true,
          copyPublicDir: false,
          target: 'es2023',
          minify: false,
          lib: { entry: { index: path('src/index.ts'), engine: path('src/engine.ts') }, formats: ['es' as const] },
          rollupOptions: { external: ['comlink'] },
        }
      : { outDir: path('dist/demo'), emptyOutDir: true, target: 'es2023' },
}))
