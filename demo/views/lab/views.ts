/** @file Which views one finds in the Lab, in the order of the navigation. */

/** Names of them, as in `registry.ts`. */
export const labViews = ['compare', 'structured', 'state', 'bench', 'about'] as const
