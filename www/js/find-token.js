// @ts-check
/**
 * Where in what was pasted is the token?
 *
 * It looks at text alone and believes nothing: whether what it finds is a token, the core says.
 *
 * @module
 */

/**
 * A token found in text.
 *
 * @typedef {object} Found
 * @property {string} token The token, '' where the text holds none.
 * @property {number} start Where it begins in the text; it ends at `end`. Between them stands the token, possibly
 * with line breaks in it.
 * @property {number} end
 * @property {readonly string[]} notes What was left out, a sentence each.
 */

/** One b64token character (RFC 6750 section 2.1), and `~` before an opaque token. */
const B64TOKEN = String.raw`[A-Za-z0-9\-._~+/]+=*`
const WHOLE = new RegExp(`^${B64TOKEN}$`)
const COUNTERSIGNED = /eyJ[\w-]+\.[\w-]+\.[\w-]+~[A-Za-z0-9\-._~+/]+=*/g
const JOSE = /(?<![\w.-])eyJ[\w-]*(?:\.[\w-]*){1,4}/g
const SCHEME = new RegExp(String.raw`\b(Bearer|DPoP)\s+(${B64TOKEN})`, 'gi')

/** Names under which the systems hand their tokens out, the one meant for an API first. */
const NAMES = [
  'access_token',
  'accessToken',
  'client_auth_token',
  'clientAuthToken',
  'authToken',
  'auth_token',
  'token',
  'jwt',
  'id_token',
]
const PREFIXED = /(?<![\w-])(?:tkn|ek_test|ek_live)_[A-Za-z0-9_-]+=*/g

/**
 * Finds the token in `text`: alone, after `Bearer`, in quotes, as a cookie, in a JSON answer, in JSON that is broken.
 * Where nothing looks like one, all of the text is taken for it, but for the white space around.
 *
 * @param {string} text
 * @returns {Found}
 */
export function findToken(text) {
  const trimmed = text.trim()
  const start = text.indexOf(trimmed)
  const whole = { token: trimmed, start, end: start + trimmed.length, notes: [] }
  if (trimmed === '' || WHOLE.test(trimmed)) return whole
  return wrapped(whole) ?? within(text) ?? whole
}

/**
 * A token that somebody's mail program broke into lines.
 *
 * @param {Found} whole
 * @returns {Found | undefined}
 */
function wrapped(whole) {
  const lines = whole.token.split(/\s*\n\s*/)
  if (lines.length < 2 || !lines.every((line) => WHOLE.test(line))) return undefined
  const token = lines.join('')
  if (!/^eyJ[\w-]+(?:\.[\w-]*){1,4}(?:~.*)?$/.test(token)) return undefined
  return {
    ...whole,
    token,
    notes: [`${lines.length - 1} line break${lines.length > 2 ? 's' : ''} in the token`],
  }
}

/**
 * @param {string} text
 * @returns {Found | undefined}
 */
function within(text) {
  const all = [COUNTERSIGNED, JOSE, PREFIXED].flatMap((pattern) => [...text.matchAll(pattern)])
  const first = byName(text) ?? byScheme(text) ?? plain(all[0]) ?? byCookie(text) ?? quoted(text)
  if (first === undefined) return undefined
  const { token, start } = first
  const others = new Set(all.map(([one]) => one).filter((one) => !token.includes(one)))
  return { token, start, end: start + token.length, notes: notesOn(text, first, others.size) }
}

/** @typedef {{ token: string, start: number, how: string }} Candidate */

/**
 * @param {string} text
 * @returns {Candidate | undefined}
 */
function byName(text) {
  for (const name of NAMES) {
    const member = new RegExp(
      String.raw`(["']?)\b${name}\1\s*[:=]\s*["']?(?:Bearer\s+)?(${B64TOKEN})`,
      'd',
    ).exec(text)
    const [token, span] = [member?.[2], member?.indices?.[2]]
    if (token !== undefined && token.length >= 8 && span !== undefined) {
      return { token, start: span[0], how: `the member “${name}”` }
    }
  }
  return undefined
}

/**
 * @param {string} text
 * @returns {Candidate | undefined}
 */
function byScheme(text) {
  const [match] = text.matchAll(SCHEME)
  const [all = '', scheme, token] = match ?? []
  if (match === undefined || token === undefined) return undefined
  return { token, start: match.index + all.length - token.length, how: `what follows “${scheme}”` }
}

/**
 * A cookie or a `name=token` pair.
 *
 * @param {string} text
 * @returns {Candidate | undefined}
 */
function byCookie(text) {
  const match = new RegExp(String.raw`([\w.-]+)=["']?(${B64TOKEN})["']?\s*(?:;|$)`, 'd').exec(text)
  const [token, span] = [match?.[2], match?.indices?.[2]]
  if (token === undefined || span === undefined) return undefined
  return { token, start: span[0], how: `the value of “${match?.[1]}”` }
}

/**
 * @param {string} text
 * @returns {Candidate | undefined}
 */
function quoted(text) {
  const match = new RegExp(`["'\`](${B64TOKEN})["'\`]`, 'd').exec(text)
  const [token, span] = [match?.[1], match?.indices?.[1]]
  return token === undefined || span === undefined
    ? undefined
    : { token, start: span[0], how: 'what stands in quotes' }
}

/**
 * @param {RegExpExecArray | RegExpMatchArray | undefined} match
 * @returns {Candidate | undefined}
 */
function plain(match) {
  return match?.index === undefined
    ? undefined
    : { token: match[0], start: match.index, how: 'the part that looks like one' }
}

/**
 * @param {string} text
 * @param {Candidate} found
 * @param {number} others
 */
function notesOn(text, { token, start, how }, others) {
  const before = text.slice(0, start).trim()
  const after = text.slice(start + token.length).trim()
  const notes = [`The token is ${how}`]
  const shown = [before, after].map(brief).filter((part) => part !== '')
  if (shown.length > 0) notes.push(`left out: ${shown.join(' and ')}`)
  if (others > 0)
    notes.push(
      others === 1
        ? 'another token in it is not looked at'
        : `${others} other tokens in it are not looked at`,
    )
  return notes
}

/**
 * Text left out, in a few characters; long text is counted, for it may hold something secret.
 *
 * @param {string} part
 */
function brief(part) {
  if (part === '') return ''
  return part.length <= 32 && !part.includes('\n') ? `“${part}”` : `${part.length} characters`
}
