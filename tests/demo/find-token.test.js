// @ts-check
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findToken, MAX_SEARCHED_LENGTH } from '../../pkg/dist/find-token.js'

const JWT = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJtYXJ5In0.c2lnbmF0dXJl'
const OPAQUE = 'mH5tVmtwod4J9GhCXwTuygd2zRZn4pj5'
const PADDED = 'eyJhbGciOiJFUzI1NiJ9==.eyJzdWIiOiJtYXJ5In0=.c2lnbmF0dXJl='
const RECEIPT = `${JWT}~tkn_24543c6a278f45d680d09edb32e78061`

for (const [name, text, token] of [
  ['alone', JWT, JWT],
  ['with white space around', `\n  ${JWT} \n`, JWT],
  ['after Bearer', `Bearer ${JWT}`, JWT],
  ['in a header line', `authorization: bearer ${OPAQUE}`, OPAQUE],
  ['in a curl command', `curl -H 'Authorization: Bearer ${JWT}' https://api.example/`, JWT],
  ['in double quotes', `"${JWT}"`, JWT],
  ['in single quotes, opaque', `'${OPAQUE}'`, OPAQUE],
  ['as a cookie', `VtexIdclientAutCookie_mystore=${JWT}; path=/; HttpOnly`, JWT],
  ['as an opaque cookie', `session=${OPAQUE}; path=/`, OPAQUE],
  ['in a JSON answer', JSON.stringify({ scope: 'a b', access_token: OPAQUE, expires_in: 86400 }, null, 2), OPAQUE],
  ['in JSON that lacks a comma', `{ "scope": "a b"\n "access_token": "${JWT}" "token_type": "Bearer" }`, JWT],
  ['in JSON that breaks off', `{ "access_token": "${JWT}", "exp`, JWT],
  [
    'in an answer of Juspay',
    `{"juspay":{"client_auth_token":"tkn_24543c6a278f45d680d09edb32e78061","client_auth_token_expiry":"2020-03-17T14:28:37Z"}}`,
    'tkn_24543c6a278f45d680d09edb32e78061',
  ],
  ['the access token before the ID token', JSON.stringify({ id_token: `${JWT}x`, access_token: JWT }), JWT],
  ['countersigned, after Bearer', `Bearer ${RECEIPT}`, RECEIPT],
  ['countersigned, in JSON', JSON.stringify({ token: RECEIPT }), RECEIPT],
  ['in the query of an address', `https://app.example/callback?state=1&access_token=${JWT}&x=y`, JWT],
  ['in the fragment of an address', `https://app.example/callback#access_token=${OPAQUE}&token_type=bearer`, OPAQUE],
  ['in a path', `https://app.example/verify/${JWT}/now`, JWT],
  ['in a Cookie header with others', `Cookie: theme=dark; session=${OPAQUE}; lang=en`, OPAQUE],
  ['a JWT in a Cookie header with others', `Cookie: theme=dark; session=${JWT}; lang=en`, JWT],
  ['a member with “Bearer” in its value', `{"authorization":"x","access_token":"Bearer ${OPAQUE}"}`, OPAQUE],
  ['with the scheme DPoP', `Authorization: DPoP ${JWT}`, JWT],
  ['prose about the bearer of a token', `The bearer of this token: ${JWT}.`, JWT],
  ['in a shell variable', `export TOKEN='${JWT}'`, JWT],
  ['in HTTP headers with line ends', `GET / HTTP/1.1\r\nAuthorization: Bearer ${JWT}\r\nAccept: */*\r\n`, JWT],
  ['padded, alone', PADDED, PADDED],
  ['half-typed', 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIi', 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIi'],
  ['half-typed, after Bearer', 'Bearer eyJhbGciOiJFUzI1NiJ9.eyJ', 'eyJhbGciOiJFUzI1NiJ9.eyJ'],
]) {
  test(`a token is found: ${name}`, () => {
    const found = findToken(/** @type {string} */ (text))
    assert.equal(found.token, token)
    assert.equal(/** @type {string} */ (text).slice(found.start, found.end), token)
  })
}

test('a token that was broken into lines is joined, and a note states that', () => {
  const found = findToken(`${JWT.slice(0, 20)}\n${JWT.slice(20, 40)}\r\n${JWT.slice(40)}`)
  assert.equal(found.token, JWT)
  assert.equal(found.notes.length, 1)
})

test('notes name the text that was left out; long text is counted, not repeated', () => {
  assert.match(findToken(`Bearer ${JWT}`).notes.join(), /Bearer/)
  const secret = 'client_secret_that_is_long_enough_to_be_counted'
  const notes = findToken(`{"client_secret":"${secret}","access_token":"${JWT}"}`).notes.join()
  assert.doesNotMatch(notes, new RegExp(secret))
  assert.match(notes, /\d+ characters/)
})

test('other tokens beside it are counted', () => {
  const other = JWT.replace('eyJzdWIiOiJtYXJ5In0', 'eyJzdWIiOiJib2IifQ')
  assert.match(findToken(`{"access_token":"${JWT}","id_token":"${other}"}`).notes.join(), /another token/)
})

test('a token alone needs no note', () => {
  assert.deepEqual(findToken(JWT).notes, [])
})

test('text without a token is taken as it is', () => {
  assert.equal(findToken('hello world').token, 'hello world')
  assert.equal(findToken('').token, '')
})

test('text longer than the limit is returned as it is', () => {
  const text = `Bearer ${JWT} ${'x'.repeat(MAX_SEARCHED_LENGTH)}`
  const found = findToken(text)
  assert.equal(found.token, text)
  assert.match(found.notes.join(), /not searched/)
})

/** Units of text that a search with backtracking, or one that rescans, reads again and again. */
const HOSTILE = [
  'a',
  ' ',
  '\n',
  ' \n',
  'a ',
  'a\n',
  'eyJ',
  'eyJ.',
  'eyJ/',
  'eyJ ',
  'eyJa.b.c~',
  'eyJa.b.c~/',
  'eyJ=.',
  'tkn_',
  'tkn_/',
  'token=',
  'token : ',
  'token "',
  '"token": "Bearer ',
  'Bearer ',
  'Bearer',
  'Bearer \t',
  '=',
  'a=',
  'a="',
  'a=b ',
  'a=b" ',
  'a=b  ; ',
  '"',
  '"a"',
  '\'a"',
  '~',
  '.',
  '\ud83d\ude00',
]

const LIMIT_MILLISECONDS = 3_000

/** The time of a search, measured again above the limit: the machine may be busy. @param {string} text */
function timeOf(text) {
  let took = Infinity
  for (let tries = 0; tries < 3 && took >= LIMIT_MILLISECONDS; tries += 1) {
    const start = performance.now()
    findToken(text)
    took = performance.now() - start
  }
  return took
}

test('a search of the longest text takes time in proportion to it, whatever the text repeats', () => {
  for (const unit of HOSTILE) {
    for (const [before = '', after = ''] of [
      ['', ''],
      ['x ', ' !'],
      ['! Bearer ', ' !'],
      ['"token": ', ' !'],
      ['a=', '!'],
    ]) {
      const text = (/** @type {number} */ length) =>
        before + unit.repeat(Math.floor((length - before.length - after.length) / unit.length)) + after
      // A quadratic search takes some ten seconds, a linear one 0.1 s.
      const took = timeOf(text(MAX_SEARCHED_LENGTH))
      assert.ok(took < LIMIT_MILLISECONDS, `${JSON.stringify(before + unit + after)}: ${took} ms`)
    }
  }
})

test('the number of other tokens that are counted is bounded, and each is counted once', () => {
  const many = Array.from({ length: 5_000 }, (_, index) => `eyJ.${index}`).join(' ')
  assert.match(findToken(many).notes.join(), /100 or more other tokens/)
  assert.match(findToken(`${JWT} ${`${RECEIPT} `.repeat(9)}`).notes.join(), /another token/)
})
