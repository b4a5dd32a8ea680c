/**
 * @file One spelling for the place of a model, whichever way people copied it: what is loaded, kept, listed and removed is
 * known by it.
 */

const NAME = '[A-Za-z0-9][\\w.-]{0,95}'
const REPOSITORY = `(?<repository>${NAME}/${NAME})`
const PLACE = '(?:/(?<kind>blob|resolve|raw|tree)/(?<revision>[^/?#]+)(?:/(?<path>[^?#]*))?)?'

/** A link of the Hub's pages: to a repository, a folder or a file. */
const LINK = new RegExp(`^(?:https?://)?(?:www\\.)?(?:huggingface\\.co|hf\\.co)/${REPOSITORY}${PLACE}/?(?:[?#].*)?$`)

/** A name of the Hub, perhaps with the path of such a link, or as Python's huggingface_hub writes it. */
const HUB_NAME = new RegExp(`^hf:(?://)?(?:models/)?${REPOSITORY}(?:@(?<at>[^@/\\s]+))?(?:${PLACE}/?|/(?<file>.*))$`)

/**
 * The address of a model in one spelling: `hf:owner/repo[@revision][/file]` for the Hub, where the revision `main` is left
 * out and a folder ends in `/`; an absolute URL without its fragment for anything else. What is neither stays as it is.
 * @param base what relative addresses are relative to; without it they stay as they are
 */
export function canonicalAddress(given: string | URL, base?: string): string {
  const text = String(given).trim()
  const link = LINK.exec(text)?.groups
  if (link) return hubName({ ...link, path: decoded(link.path ?? '') })
  const name = HUB_NAME.exec(text)?.groups
  if (name) return hubName({ ...name, revision: name.at ?? name.revision, path: name.file ?? name.path ?? '' })
  if (/^(hf|blob|data):/i.test(text) || !URL.canParse(text, base)) return text
  const url = new URL(text, base)
  url.hash = ''
  return url.href
}

function hubName({
  repository = '',
  kind,
  revision = 'main',
  path = '',
}: Readonly<Record<string, string | undefined>>) {
  const isFolder = kind === 'tree' && path !== '' && !path.endsWith('/')
  return `hf:${repository}${revision === 'main' ? '' : `@${revision}`}${path && `/${path}`}${isFolder ? '/' : ''}`
}

/** Without percent-encoding; what is no such encoding stays as it is. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
