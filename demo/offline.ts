/**
 * @file Working without a network: the service worker keeps the app's own files, the engine keeps the model's in the
 * browser's private file system. A new version of the app waits until its reader wants it.
 */

import { trustedWorkerUrl } from '../src/client/trusted-url.ts'
import { storedModels } from '../src/index.ts'

/** What `prepareOffline` tells. */
export interface OfflineEvents {
  /** A new version is here; `apply` reloads the page with it. */
  readonly onUpdate: (apply: () => void) => void
}

/** Install the service worker; undefined where there is none (or in development, where it would serve old files). */
export async function installApp({ onUpdate }: OfflineEvents): Promise<ServiceWorkerRegistration | undefined> {
  if (!('serviceWorker' in navigator) || !import.meta.env.PROD) return undefined
  const { serviceWorker } = navigator
  const offer = (worker: ServiceWorker) => {
    if (worker.state !== 'installed' || !serviceWorker.controller) return
    onUpdate(() => {
      serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true })
      worker.postMessage({ type: 'SKIP_WAITING' })
    })
  }
  const registration = await serviceWorker.register(trustedWorkerUrl('./sw.js')).catch(() => undefined)
  if (!registration) return undefined // not allowed here
  if (registration.waiting) offer(registration.waiting)
  registration.addEventListener('updatefound', () => {
    const { installing } = registration
    installing?.addEventListener('statechange', () => offer(installing))
  })
  return serviceWorker.ready
}

/** True if all of the model at `url` is kept on this device. */
export async function isModelKept(url: string): Promise<boolean> {
  const models = await storedModels()
  return models.some(({ model, byteLength, storedByteLength }) => model === url && storedByteLength === byteLength)
}
