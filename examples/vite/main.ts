import { isRwkvError, loadModel } from 'rwkv.js'

const form = document.querySelector('form') as HTMLFormElement
const { wish, stop } = form.elements as HTMLFormControlsCollection & { wish: HTMLInputElement; stop: HTMLButtonElement }
const status = document.querySelector('[role=status]') as HTMLElement
const story = document.querySelector('article') as HTMLElement

try {
  const model = await loadModel('/model/', {
    onProgress: ({ phase, loaded, total }) => {
      status.textContent = `${phase}: ${Math.round((100 * loaded) / (total || 1))} %`
    },
  })
  status.textContent = `${model.info.name} is ready.`
  const session = await model.createSession()

  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    const abort = new AbortController()
    stop.onclick = () => abort.abort()
    stop.disabled = false
    story.textContent = ''
    const reply = session.prompt(wish.value, { signal: abort.signal })
    try {
      for await (const piece of reply) story.append(piece)
    } catch (error) {
      if (!abort.signal.aborted) throw error
    }
    const { tokensPerSecond, finishReason } = await reply.summary
    status.textContent = `${Math.round(tokensPerSecond)} tokens/s, ended by ${finishReason}.`
    stop.disabled = true
  })
} catch (error) {
  status.textContent = isRwkvError(error) ? error.message : String(error)
}
