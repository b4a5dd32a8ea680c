/**
 * @file Stands in for Lit's DOM shim in the package: just enough for `class … extends HTMLElement` to be read where there
 * is no DOM. Nothing is ever made from it.
 */

/** Extended, never constructed. */
export const HTMLElement = class {}

/** There is no registry; the element is then not defined. */
export const customElements = undefined
