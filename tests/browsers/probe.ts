/** @file What a browser lacks, asked in a page of its own: all names that TypeScript knows, and all properties of CSS. */

/** What to look for. */
export interface Wanted {
  /** Members of classes, and globals. */
  readonly names: readonly string[]
  /** Properties of CSS, `:selectors`, or `property: value`. */
  readonly styles: readonly string[]
}

/** Runs in the page, so that it has nothing but its argument; what is in its worker alone counts as there. */
export async function probe({ names, styles }: Wanted): Promise<Wanted> {
  function namesHere(): string[] {
    const seen = new Set<unknown>()
    const found = new Set<string>()
    const look = (holder: object, depth: number) => {
      if (seen.has(holder)) return
      seen.add(holder)
      for (const name of Object.getOwnPropertyNames(holder)) {
        found.add(name)
        const { value } = Object.getOwnPropertyDescriptor(holder, name) ?? {}
        if (depth > 0 && (typeof value === 'function' || (typeof value === 'object' && value !== null)))
          look(value, depth - 1)
      }
      const parent = Object.getPrototypeOf(holder)
      if (parent) look(parent, depth)
    }
    look(globalThis, 3)
    for (const iterable of [[], '', new Map(), new Set(), 'a'.matchAll(/a/g)]) look(iterable[Symbol.iterator](), 0)
    return [...found]
  }
  const code = `postMessage((${namesHere})())`
  const worker = new Worker(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })), { type: 'module' })
  const inWorker = await new Promise<string[]>((resolve) => {
    worker.onmessage = ({ data }) => resolve(data)
  })
  const here = new Set([...namesHere(), ...inWorker])
  const isStyled = (style: string) => {
    if (style.startsWith(':')) return CSS.supports(`selector(${style})`)
    const [property = '', value = 'inherit'] = style.split(': ')
    return CSS.supports(property, value)
  }
  return { names: names.filter((name) => !here.has(name)), styles: styles.filter((style) => !isStyled(style)) }
}
