/**
 * @file What makes the built demo an app: its manifest, and a service worker that keeps its files (never a model's: those
 * are the engine's to keep). A new version waits until the page tells it to take over.
 */

import type { Plugin } from 'vite'
import { VitePWA } from 'vite-plugin-pwa'

/** For the demo's build. */
export function offlineApp(): Plugin[] {
  return VitePWA({
    registerType: 'prompt',
    includeManifestIcons: false, // they are among the files
    injectRegister: null, // see offline.ts: Trusted Types want the address to pass our policy
    manifest: {
      name: 'rwkv.js chat',
      short_name: 'rwkv.js',
      description: 'A language model that runs in this browser. Nothing you type leaves this machine.',
      display: 'standalone',
      start_url: './',
      background_color: '#faf9f6',
      theme_color: '#1f6b55',
      icons: [
        { src: 'icon-192.png', sizes: '192x192', type: 'image/png' },
        { src: 'icon-512.png', sizes: '512x512', type: 'image/png' },
        { src: 'icon-maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
        { src: 'icon.svg', sizes: 'any', type: 'image/svg+xml' },
      ],
    },
    workbox: {
      globPatterns: ['**/*.{html,js,css,svg,png}'], // the plugin adds the manifest
      globIgnores: ['models/**', 'transformer.worker.js'], // large, and wanted by few: it is fetched when it is asked for
      inlineWorkboxRuntime: true, // importScripts is not allowed by the content security policy
      sourcemap: false,
      navigateFallback: 'index.html',
      navigateFallbackDenylist: [/\/models\//, /\.[a-z]+$/],
      ignoreURLParametersMatching: [/.*/],
      cleanupOutdatedCaches: true,
    },
  })
}
