/** @file Items pushed by the one who makes them and pulled by one `for await`. */

/** A queue. One iteration only. */
export interface Queue<T> {
  push(item: T): void
  /** No more will come. */
  end(): void
  items(): AsyncGenerator<T, void, void>
}

/** Nothing in it yet. */
export function createQueue<T>(): Queue<T> {
  const waiting: T[] = []
  let isOver = false
  let wake = () => {}
  return {
    push(item) {
      waiting.push(item)
      wake()
    },
    end() {
      isOver = true
      wake()
    },
    async *items() {
      while (true) {
        if (waiting.length > 0) yield waiting.shift() as T
        else if (isOver) return
        else
          await new Promise<void>((resolve) => {
            wake = resolve
          })
      }
    },
  }
}
