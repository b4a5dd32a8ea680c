/** @file The branches of a conversation: a tree, each of whose branches leaves another one behind some message. */

/** One way a conversation went. */
export interface Branch {
  readonly id: string
  /** Where it leaves another one; absent for the first. */
  readonly from?: Fork
  /** What is said first in it, in short. */
  readonly title: string
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

/** The tree of `branches`, whose first is the root. */
export function treeOf(branches: readonly Branch[]): Tree | undefined {
  const grow = (branch: Branch): Tree => ({
    branch,
    children: branches.filter(({ from }) => from?.branch === branch.id).map(grow),
  })
  const [first] = branches
  return first && grow(first)
}
