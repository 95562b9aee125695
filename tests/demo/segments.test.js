// @ts-check
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { membersOf, segments } from '../../www/js/segments.js'

/** @param {string} json */
const encode = (json) => Buffer.from(json).toString('base64url')

/**
 * @param {string} json
 * @param {number} [length] How much of the segment has been typed.
 */
function membersIn(json, length = Infinity) {
  const token = `eyJhIjoxfQ.${encode(json)}`.slice(0, length)
  const part = segments(token, 'jws').find(({ kind }) => kind === 'claims')
  return { token, members: membersOf(token, part) }
}

test('a member is where its octets are', () => {
  const { token, members } = membersIn('{"sub":"mary","exp":1700000000,"scope":"a b"}')
  const exp = members.find(({ name }) => name === 'exp')
  assert.equal(exp?.value, 1_700_000_000)
  const around = Buffer.from(token.slice(11 + Math.floor((exp.start - 11) / 4) * 4, exp.end), 'base64url').toString()
  assert.match(around, /"exp":1700000000/)
})

test('members come in the order of the token, and names that are there twice come twice', () => {
  const { members } = membersIn('{"b":1,"a":2,"b":3}')
  assert.deepEqual(
    members.map(({ name, value }) => [name, value]),
    [
      ['b', 1],
      ['a', 2],
      ['b', 3],
    ],
  )
})

test('braces and quotes in strings, and nested values, end nothing', () => {
  const { members } = membersIn('{"a":"}\\",{","b":{"c":[1,{"d":"]"}]},"e":true}')
  assert.deepEqual(
    members.map(({ value }) => value),
    ['}",{', { c: [1, { d: ']' }] }, true],
  )
})

test('text beyond ASCII is read as UTF-8', () => {
  assert.equal(membersIn('{"name":"Zoë 🐢","x":1}').members[0]?.value, 'Zoë 🐢')
})

test('a token that is still being typed shows the members that are complete, whatever its length', () => {
  const json = '{"iss":"https://issuer.example/","sub":"mary","exp":1700000000}'
  const whole = `eyJhIjoxfQ.${encode(json)}`
  let most = 0
  for (let length = 0; length <= whole.length; length += 1) {
    const { members } = membersIn(json, length)
    assert.ok(members.length >= most, `at ${length}`)
    most = members.length
  }
  assert.equal(most, 3)
})

test('the parts of a token have their places', () => {
  const token = 'aa.bbb.c~opaque'
  const parts = segments(token, 'countersigned').map(({ kind, start, end }) => [kind, token.slice(start, end)])
  assert.deepEqual(parts, [
    ['header', 'aa'],
    ['dot', '.'],
    ['claims', 'bbb'],
    ['dot', '.'],
    ['signature', 'c'],
    ['dot', '~'],
    ['opaque', 'opaque'],
  ])
})
