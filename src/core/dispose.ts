/**
 * @file Ownership: whatever a `create…` returns is released by its caller, in the reverse order of creation.
 */

/** Something that holds memory until `dispose` is called; calling it again does nothing. */
export interface Owned {
  dispose(): void
}

/** A list of things to release together, last first. */
export interface Owner extends Owned {
  /** Take over `owned`; it is released with the rest. Returns it. */
  own<T extends Owned>(owned: T): T
}

/** An empty list of owned things. The caller disposes it. */
export function createOwner(): Owner {
  const owned: Owned[] = []
  return {
    own(one) {
      owned.push(one)
      return one
    },
    dispose() {
      while (owned.length > 0) owned.pop()?.dispose()
    },
  }
}
