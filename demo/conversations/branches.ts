/** @file The branches of a conversation: a tree, each of whose branches leaves another one behind some message. */

/** One way a conversation went. */
export interface Branch {
  readonly id: string
  /** Where it leaves another one; absent for the first. */
  readonly from?: Fork
  /** What is said first in it, in short. */
  readonly title: string
  /** It says again what the other branch has in its place: shown beside that message, not as a branch. */
  readonly isVersion?: true
}

/** A place in a branch. */
export interface Fork {
  readonly branch: string
  /** So many messages of it come before. */
  readonly messages: number
}

/** A branch and those that leave it, in the order in which they were made. */
export interface Tree {
  readonly branch: Branch
  readonly children: readonly Tree[]
}

/** The ways of saying one message: branches, and which of them is shown. */
export interface Versions {
  readonly branches: readonly string[]
  readonly shown: number
}

/** `fork` as a place of the branch that its messages belong to: of a branch, those before its own are another one's. */
export function originOf(branches: readonly Branch[], fork: Fork): Fork {
  const { from } = branches.find(({ id }) => id === fork.branch) ?? {}
  return from && fork.messages <= from.messages ? originOf(branches, { ...fork, branch: from.branch }) : fork
}

/** `branches` where the branch `id` is called `title`, if another one has the name that it has now. */
export function tellApart(branches: readonly Branch[], id: string, title: string): readonly Branch[] {
  const own = branches.find((branch) => branch.id === id)
  const isAlone = branches.every((branch) => branch.id === id || branch.title !== own?.title)
  return isAlone ? branches : branches.map((branch) => (branch.id === id ? { ...branch, title } : branch))
}

/** The tree of `branches` without those that are versions, whose first is the root. */
export function treeOf(branches: readonly Branch[]): Tree | undefined {
  const real = branches.filter(({ isVersion }) => !isVersion)
  const grow = (branch: Branch): Tree => ({
    branch,
    children: real.filter(({ from }) => from && realOf(branches, from.branch) === branch.id).map(grow),
  })
  const [first] = real
  return first && grow(first)
}

/** The branch that `id` is a version of, or of which it is one in the end; a branch that is none is its own. */
export function realOf(branches: readonly Branch[], id: string): string {
  const { isVersion, from } = branches.find((branch) => branch.id === id) ?? {}
  return isVersion && from ? realOf(branches, from.branch) : id
}

/** The versions of the `place`-th message of the branch `id`; undefined if there is one alone. */
export function versionsOf(branches: readonly Branch[], id: string, place: number): Versions | undefined {
  const { branch } = originOf(branches, { branch: id, messages: place + 1 })
  const { from } = branches.find((one) => one.id === branch) ?? {}
  const root = from?.messages === place ? from.branch : branch
  const others = branches.filter(({ from: fork }) => fork?.branch === root && fork.messages === place)
  if (!others.some(({ isVersion }) => isVersion)) return undefined
  const all = [root, ...others.map((other) => other.id)]
  return { branches: all, shown: all.indexOf(branch) }
}
