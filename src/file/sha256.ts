/** @file The one hash of the library that is used, so that a build leaves out the others. Fetched when it is needed. */

export { sha256 } from '@noble/hashes/sha2.js'
