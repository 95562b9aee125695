// @ts-check
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findToken } from '../../pkg/dist/find-token.js'

const JWT = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJtYXJ5In0.c2lnbmF0dXJl'
const OPAQUE = 'mH5tVmtwod4J9GhCXwTuygd2zRZn4pj5'
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
  [
    'in a JSON answer',
    JSON.stringify({ scope: 'a b', access_token: OPAQUE, expires_in: 86400 }, null, 2),
    OPAQUE,
  ],
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
  ['half-typed', 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIi', 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIi'],
  ['half-typed, after Bearer', 'Bearer eyJhbGciOiJFUzI1NiJ9.eyJ', 'eyJhbGciOiJFUzI1NiJ9.eyJ'],
]) {
  test(`a token is found: ${name}`, () => {
    const found = findToken(/** @type {string} */ (text))
    assert.equal(found.token, token)
    assert.equal(/** @type {string} */ (text).slice(found.start, found.end), token)
  })
}

test('a token that was broken into lines is put together, and the page says so', () => {
  const found = findToken(`${JWT.slice(0, 20)}\n${JWT.slice(20, 40)}\r\n${JWT.slice(40)}`)
  assert.equal(found.token, JWT)
  assert.equal(found.notes.length, 1)
})

test('what was left out is said, and long text is counted, not repeated', () => {
  assert.match(findToken(`Bearer ${JWT}`).notes.join(), /Bearer/)
  const secret = 'client_secret_of_somebody_which_is_long_enough_to_be_one'
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
