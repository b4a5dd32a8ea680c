/** @file Two works at once, of which none outlives the other's failure. */

/** Both at once. If one fails the other is ended, by its signal if it takes one, and waited for. */
export async function both<First, Second>(
  first: (signal: AbortSignal) => Promise<First>,
  second: () => Promise<Second>,
  outer?: AbortSignal,
): Promise<[First, Second]> {
  const end = new AbortController()
  const works = [first(AbortSignal.any([end.signal, ...(outer ? [outer] : [])])), second()] as const
  try {
    return await Promise.all(works)
  } catch (error) {
    end.abort(error)
    await Promise.allSettled(works)
    throw error
  }
}
