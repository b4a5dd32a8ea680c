/**
 * @file `node tests/tools/check-lock.mjs`: what `npm ci` needs and npm itself does not see to. npm leaves platform packages
 * that it cannot resolve out of the lock, and `npm ci` on another platform then refuses it; and a version that is not
 * exact gives another tree tomorrow.
 */

import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

/** @typedef {Record<string, string>} Versions name -> version */
/** @typedef {{ dependencies?: Versions, devDependencies?: Versions, optionalDependencies?: Versions }} Package */
/** @typedef {{ lockfileVersion?: number, packages?: Record<string, Package> }} Lock */

const EXACT = /^(npm:@?[^@]+@)?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/

/**
 * Every fault of a package.json and its package-lock.json, in a sentence each; none if all is well.
 * @param {Package} manifest
 * @param {Lock} lock
 * @returns {string[]}
 */
export function findLockFaults(manifest, lock) {
  const { packages } = lock
  if (!packages?.['']) return ['package-lock.json has no list of packages: make it with npm 7 or later']
  const faults = []
  for (const kind of /** @type {const} */ (['dependencies', 'devDependencies', 'optionalDependencies'])) {
    for (const [name, version] of Object.entries(manifest[kind] ?? {})) {
      if (!EXACT.test(version)) faults.push(`package.json: ${kind} has ${name} ${version}, which is no exact version`)
    }
  }
  for (const [path, { optionalDependencies = {} }] of Object.entries(packages)) {
    for (const name of Object.keys(optionalDependencies)) {
      if (!isInLock(packages, path, name))
        faults.push(`package-lock.json: ${path || 'the project'} names ${name}, which has no entry`)
    }
  }
  return faults
}

/**
 * Look for `name` where node would: in the node_modules of the package at `path`, then in those above it.
 * @param {Record<string, unknown>} packages
 * @param {string} path
 * @param {string} name
 */
function isInLock(packages, path, name) {
  for (let folder = path; ; ) {
    if (`${folder && `${folder}/`}node_modules/${name}` in packages) return true
    if (folder === '') return false
    const parent = folder.lastIndexOf('/node_modules/')
    folder = parent < 0 ? '' : folder.slice(0, parent)
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const read = (/** @type {string} */ file) =>
    JSON.parse(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8'))
  const lock = read('package-lock.json')
  const faults = findLockFaults(read('package.json'), lock)
  for (const fault of faults) console.error(fault)
  if (faults.length > 0) {
    console.error(
      'Pin the version, or make the lock anew: rm -rf node_modules package-lock.json && npm i --package-lock-only && npm ci',
    )
    process.exit(1)
  }
  console.log(`lock: ${Object.keys(lock.packages).length - 1} packages, all platforms there, all versions exact`)
}
