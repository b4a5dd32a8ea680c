/** @file Files of the reader's are looked into beside the model in the chat, so that what is none leaves it in place. */

import type { RwkvChatElement } from '../../src/element/types.ts'

/**
 * Begin to load `files` as `chat` would. Resolves once they are known to hold a model, whose weights are on their way: the
 * chat that takes the same list goes on with that load. Call what it resolves with then.
 * @throws what is wrong with them
 */
export async function tryFiles(chat: RwkvChatElement, files: readonly File[]): Promise<() => void> {
  const trial = document.createElement('rwkv-chat')
  trial.hidden = true
  trial.weights = chat.weights
  trial.device = chat.device
  trial.safe = chat.safe
  trial.files = files
  try {
    await new Promise<void>((resolve, reject) => {
      trial.addEventListener('progress', ({ detail: { phase } }) => phase !== 'open' && resolve())
      trial.addEventListener('error', ({ detail: { error } }) => reject(error))
      document.body.append(trial)
    })
  } catch (error) {
    trial.remove()
    throw error
  }
  return () => trial.remove()
}
