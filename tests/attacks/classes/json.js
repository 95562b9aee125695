// @ts-check
/** JSON: grammar, depth, Unicode (RFC 8259, RFC 7515 section 4). Every text is well signed. */

import { accepted, refused } from '../target.js'

/** Texts that make an object invalid JSON as one more member. */
const MEMBERS = [
  ...[
    '"a":1,',
    ',"a":1',
    '"a":1,,"b":1',
    '"a" 1',
    '"a"::1',
    '"a":',
    ':1',
    'a:1',
    "'a':1",
    `"a":'b'`,
    '1:1',
    'null:1',
    '"a";1',
    '"a"=1',
  ],
  ...[
    'NaN',
    'Infinity',
    '-Infinity',
    'undefined',
    'True',
    'nul',
    'truefalse',
    '+1',
    '01',
    '-01',
    '1.',
    '.5',
    '-',
    '1e',
    '1e+',
    '0x10',
    '1_000',
  ].map((value) => `"a":${value}`),
  ...[
    '1e999',
    '-1e999',
    '1e400',
    `1${'0'.repeat(400)}`,
    '[1,]',
    '[,1]',
    '[1 2]',
    '[1',
    '{',
    '{"b"}',
    '[}',
    '{]',
    '"b',
    '1/*c*/',
    '1//c',
  ].map((value) => `"a":${value}`),
  ...[
    '\\x41',
    '\\u12',
    '\\u123g',
    '\\',
    '\\ud800',
    '\\udc00',
    '\\ud800\\u0041',
    '\\ud800\\ud800',
    '\\udfff\\ud800',
    '\\U0041',
    "\\'",
    '\\0',
  ].map((text) => `"a":"${text}"`),
  ...['\n', '\t', '\0', '\u0001', '\u001f', '\r'].map((text) => `"a":"b${text}c"`),
  ...['\u00a0', '\u2028', '\v', '\f', '\ufeff', '/**/', '#'].map((text) => `${text}"a":1`),
]

/** What is no object at all, or not only one. @param {string} object */
const WHOLES = (object) => [
  ...[
    '',
    ' ',
    'null',
    'true',
    '0',
    '"text"',
    '[]',
    `[${object}]`,
    JSON.stringify(object),
    `${object}${object}`,
    `${object},`,
    `${object}]`,
    `${object}}`,
  ],
  ...[
    `${object}\0`,
    `${object} x`,
    `\ufeff${object}`,
    `\0${object}`,
    object.slice(0, -1),
    object.slice(1),
    `(${object})`,
    `${object};`,
    `a=${object}`,
  ],
]

/** Octets that are no UTF-8, inside a string. @type {[string, number[]][]} */
const OCTETS = [
  ['ff', [0xff]],
  ['a lone continuation', [0x80]],
  ['a lone start', [0xc3]],
  ['a start cut short', [0xe2, 0x82]],
  ['an overlong solidus', [0xc0, 0xaf]],
  ['an overlong NUL', [0xc0, 0x80]],
  ['an overlong quote', [0xe0, 0x80, 0xa2]],
  ['a surrogate', [0xed, 0xa0, 0x80]],
  ['a pair of surrogates', [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80]],
  ['beyond Unicode', [0xf4, 0x90, 0x80, 0x80]],
  ['five octets', [0xf8, 0x88, 0x80, 0x80, 0x80]],
]

/** @param {string} open @param {string} close @param {number} depth */
const nested = (open, close, depth) => `${open.repeat(depth)}1${close.repeat(depth)}`

/** @param {import('../target.js').Target} target */
export function* json({ alg, random, claims, sign, header }) {
  const ours = { header: () => JSON.stringify(header()), claims: () => JSON.stringify(claims()) }
  for (const place of /** @type {const} */ (['header', 'claims'])) {
    const reason = `${place}_malformed`
    const signed = (/** @type {string | Buffer} */ text) =>
      place === 'header' ? sign(text, claims()) : sign(header(), text)
    for (const member of MEMBERS) {
      const object = ours[place]()
      const shown = member.length > 40 ? `${member.slice(0, 20)}…` : member
      yield refused(`${place}: ${JSON.stringify(shown)}`, reason, signed(`${object.slice(0, -1)},${member}}`))
    }
    const object = ours[place]()
    for (const [index, text] of WHOLES(object).entries()) {
      const shown = text.replaceAll(object, '{…}').slice(0, 12)
      yield refused(`${place}: whole ${index}, ${JSON.stringify(shown)}`, reason, signed(text))
    }
    for (const [name, octets] of OCTETS) {
      const at = Buffer.from(`${object.slice(0, -1)},"a":"`)
      yield refused(`${place}: ${name}`, reason, signed(Buffer.concat([at, Buffer.from(octets), Buffer.from('"}')])))
    }
    yield refused(`${place}: UTF-16`, reason, signed(Buffer.from(object, 'utf16le')))
    const deeper = 257 + random.below(200)
    for (const depth of [256, deeper]) {
      yield refused(
        `${place}: ${depth + 1} arrays deep`,
        reason,
        signed(`${object.slice(0, -1)},"a":${nested('[', ']', depth)}}`),
      )
      yield refused(
        `${place}: ${depth + 1} objects deep`,
        reason,
        signed(`${object.slice(0, -1)},"a":${nested('{"a":', '}', depth)}}`),
      )
    }
    yield accepted(`${place}: 256 deep`, signed(`${object.slice(0, -1)},"a":${nested('[', ']', 255)}}`))
    yield accepted(`${place}: white space`, signed(` \t\r\n${object.replaceAll(',', ' ,\n\t').replace(':', ' : ')}\n`))
    yield accepted(
      `${place}: every escape`,
      signed(`${object.slice(0, -1)},"a":"\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\ud83d\\ude00"}`),
    )
    yield accepted(`${place}: Unicode`, signed(`${object.slice(0, -1)},"a":"é 漢 😀 \u2028 \ufeff \u007f","漢":1}`))
    yield accepted(
      `${place}: numbers`,
      signed(
        `${object.slice(0, -1)},"a":[0,-0,1e3,1E-3,-1.5e+2,1e-999,1.7976931348623157e308,123456789012345678901234567890]}`,
      ),
    )
  }
  yield accepted('an empty member', sign(`{"alg":"${alg}","":{}}`, claims({ '': [] })))
}
