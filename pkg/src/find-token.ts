/**
 * A scanner that finds an access token in pasted text: a header, a cookie, a curl command, a JSON answer.
 *
 * It reads each character a bounded number of times, so its cost is proportional to the length of the text. It looks at
 * spelling only: whether what it finds is a token, and whether that token is valid, the verifier decides.
 *
 * @module
 */

/** A token found in text. */
export interface FoundToken {
  /** The token; '' if the text is empty. */
  readonly token: string
  /** Offset of its first character in the text. */
  readonly start: number
  /** Offset after its last character. The text between may hold line breaks that `token` does not have. */
  readonly end: number
  /** What was left out of the text, one phrase each. They never repeat more than 32 characters of it. */
  readonly notes: readonly string[]
}

/** The longest text that is searched, in UTF-16 units. Longer text is returned as it is. */
export const MAX_SEARCHED_LENGTH = 131_072

/** Names under which token endpoints return tokens. The token meant for an API comes first. */
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

/** Enough of the end of a word to compare it with any of {@link NAMES} and the character before. */
const TAIL_LENGTH = 24

/** The shortest text that a name or a scheme makes a token: shorter ones are prose ("the bearer of it"). */
const MIN_NAMED_LENGTH = 8

/** Different tokens beside the one found that are counted. */
const MAX_COUNTED = 100

/** A b64token (RFC 6750 section 2.1), with `~` as in a countersigned token. */
const WORD = /[A-Za-z0-9\-._~+/]+=*/g
const WHOLE = /^[A-Za-z0-9\-._~+/]+=*$/
/** A compact serialization that is padded, which RFC 7515 does not allow but some issuers send. */
const PADDED = /^eyJ[\w-]*={0,2}(?:\.[\w-]*={0,2}){1,4}$/
const WRAPPED = /^eyJ[\w-]+(?:\.[\w-]*){1,4}(?:~.*)?$/
/** JOSE compact serializations and tokens with a known prefix within one word, with the opaque part of a receipt. */
const SHAPES = new RegExp(
  [
    String.raw`(?<![\w.-])eyJ(?:[\w-]+\.[\w-]+\.[\w-]+~[A-Za-z0-9\-._~+/]+=*|[\w-]*(?:\.[\w-]*){1,4})`,
    String.raw`(?<![\w-])(?:tkn|ek_test|ek_live)_[\w-]+=*`,
  ].join('|'),
  'g',
)

/** A JWS before the dot that ends a sentence. */
const ENDS_SENTENCE = /^eyJ[^.]+\.[^.]+\.[^.]+\.$/

/** A word of the text, and how it was recognized as a token. */
interface Candidate {
  readonly token: string
  readonly start: number
  readonly how: string
}

/**
 * Finds the token in `text`. Text in which nothing looks like a token is returned whole, without the white space around
 * it.
 *
 * The order of preference: all of the text; the value of a member that is known to hold tokens; the word after
 * `Bearer` or `DPoP`; the first word with the shape of a token; the longest value of a cookie; the first word in quotes.
 */
export function findToken(text: string): FoundToken {
  const trimmed = text.trim()
  const start = text.length - text.trimStart().length
  const whole = { token: trimmed, start, end: start + trimmed.length, notes: [] }
  if (trimmed.length > MAX_SEARCHED_LENGTH) {
    return { ...whole, notes: [`The text is longer than ${MAX_SEARCHED_LENGTH} characters and was not searched`] }
  }
  if (trimmed === '' || WHOLE.test(trimmed) || PADDED.test(trimmed)) return whole
  return joined(whole) ?? within(text) ?? whole
}

/** A token that was broken into lines, and nothing else. */
function joined(whole: FoundToken): FoundToken | undefined {
  const lines = whole.token
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  if (lines.length < 2 || !lines.every((line) => WHOLE.test(line))) return undefined
  const token = lines.join('')
  if (!WRAPPED.test(token)) return undefined
  const breaks = lines.length - 1
  return { ...whole, token, notes: [`${breaks} line break${breaks > 1 ? 's' : ''} in the token`] }
}

function within(text: string): FoundToken | undefined {
  const { named, schemed, shaped, cookie, quoted } = scan(text)
  const chosen = named ?? schemed ?? shaped[0] ?? cookie ?? quoted
  if (chosen === undefined) return undefined
  const end = chosen.start + chosen.token.length
  const others = shaped.filter(({ start, token }) => (start < chosen.start || start >= end) && token !== chosen.token)
  return { token: chosen.token, start: chosen.start, end, notes: notesOn(text, chosen, others.length) }
}

/** The best candidate of each kind. */
interface Scan {
  named: Candidate | undefined
  schemed: Candidate | undefined
  /** The first of each spelling, at most {@link MAX_COUNTED} + 1. */
  readonly shaped: Candidate[]
  cookie: Candidate | undefined
  quoted: Candidate | undefined
}

/** Reads the words of `text` once, with the text between each and the next. */
function scan(text: string): Scan {
  const found: Scan = { named: undefined, schemed: undefined, shaped: [], cookie: undefined, quoted: undefined }
  const seen = new Set<string>()
  let rank = NAMES.length
  let before = { word: '', end: 0 }
  /** The rank in {@link NAMES} of a name before this word, if its value is still to come. */
  let pending = NAMES.length
  for (const { 0: match, index: start } of text.matchAll(WORD)) {
    const word = ENDS_SENTENCE.test(match) ? match.slice(0, -1) : match
    const end = start + word.length
    const gap = text.slice(before.end, start)
    const scheme = /^\s+$/.test(gap) ? schemeOf(before.word) : undefined
    const isValue = scheme !== undefined || isAssignment(before.word, gap)
    const name = scheme === undefined && isValue ? rankOf(before.word) : pending
    pending = NAMES.length
    if (isValue && name < rank && word.length >= MIN_NAMED_LENGTH) {
      rank = name
      found.named = { token: word, start, how: `the member “${NAMES[name]}”` }
    } else if (isValue && schemeOf(word) !== undefined) pending = name
    if (scheme !== undefined && word.length >= MIN_NAMED_LENGTH) {
      found.schemed ??= { token: word, start, how: `what follows “${scheme}”` }
    }
    if (found.shaped.length <= MAX_COUNTED) collect(word, start, seen, found.shaped)
    const [opening = '', closing = ''] = [text[start - 1], text[end]]
    if (found.quoted === undefined && opening === closing && '"\'`'.includes(closing) && closing !== '') {
      found.quoted = { token: word, start, how: 'the text in quotes' }
    }
    if (word.length > (found.cookie?.token.length ?? 0) && isPair(before.word, gap) && endsPair(text, end)) {
      found.cookie = { token: word, start, how: `the value of “${before.word.replace('=', '')}”` }
    }
    before = { word, end }
  }
  return found
}

/** Adds what has the shape of a token in `word`, once each. */
function collect(word: string, offset: number, seen: Set<string>, shaped: Candidate[]): void {
  for (const { 0: token, index } of word.matchAll(SHAPES)) {
    if (seen.has(token)) continue
    seen.add(token)
    shaped.push({ token, start: offset + index, how: 'the part that looks like a token' })
    if (shaped.length > MAX_COUNTED) return
  }
}

/** The authentication scheme that `word` names, as it was written. */
function schemeOf(word: string): string | undefined {
  const last = word.slice(-TAIL_LENGTH).split(/[^\w]/).at(-1) ?? ''
  return /^(?:bearer|dpop)$/i.test(last) ? last : undefined
}

/** Where in {@link NAMES} the name at the end of `word` is. */
function rankOf(word: string): number {
  const last = word.slice(-TAIL_LENGTH).replace(/=$/, '').split(/[^\w]/).at(-1) ?? ''
  const index = NAMES.indexOf(last)
  return index < 0 ? NAMES.length : index
}

/** Whether a name and what follows it give the next word to the name: `"name": "`, `name=`, `name = '`. */
function isAssignment(word: string, gap: string): boolean {
  return word.endsWith('=') ? /^["']?$/.test(gap) : /^["']?\s*[:=]\s*["']?$/.test(gap)
}

/** Whether they are the beginning of a cookie: `name=` or `name="`. */
function isPair(word: string, gap: string): boolean {
  return /^["']?$/.test(gap) && /^[^=~+/]+=$/.test(word)
}

/** Whether a pair ends at `at`: with its quote, white space, and a semicolon or the end of the text. */
function endsPair(text: string, at: number): boolean {
  const end = /["']?\s*(?:;|$)/y
  end.lastIndex = at
  return end.test(text)
}

function notesOn(text: string, { token, start, how }: Candidate, others: number): string[] {
  const notes = [`The token is ${how}`]
  const left = [text.slice(0, start), text.slice(start + token.length)].map((part) => brief(part.trim()))
  const shown = left.filter((part) => part !== '')
  if (shown.length > 0) notes.push(`left out: ${shown.join(' and ')}`)
  if (others === 1) notes.push('another token in the text is not read')
  else if (others >= MAX_COUNTED) notes.push(`${MAX_COUNTED} or more other tokens in the text are not read`)
  else if (others > 1) notes.push(`${others} other tokens in the text are not read`)
  return notes
}

/** Text that was left out. Long text is counted, not repeated: it may hold a secret. */
function brief(part: string): string {
  if (part === '') return ''
  return part.length <= 32 && !part.includes('\n') ? `“${part}”` : `${part.length} characters`
}
