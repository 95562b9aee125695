// @ts-check
/** PEM and DER, strictly (RFC 7468, RFC 5280, RFC 5480, RFC 8410, X.690). */

import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { publicOf, spki } from '../keys.js'
import { accepted, mistaken, refused } from '../target.js'

/** @param {string} label @param {Uint8Array} der */
function armoured(label, der) {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

/** One element of DER. @param {number} tag @param {...Uint8Array} contents */
function element(tag, ...contents) {
  const inside = Buffer.concat(contents)
  const digits =
    inside.length < 128
      ? [inside.length]
      : inside.length < 256
        ? [0x81, inside.length]
        : [0x82, inside.length >> 8, inside.length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...digits]), inside])
}

/** The AlgorithmIdentifier and the key of a SubjectPublicKeyInfo. @param {Buffer} der */
function apart(der) {
  const skip = (/** @type {Buffer} */ octets) => {
    const first = octets.readUInt8(1)
    return first < 128 ? 2 : 2 + (first & 0x7f)
  }
  const inside = der.subarray(skip(der))
  const end = skip(inside) + inside.readUInt8(1)
  const bits = inside.subarray(end)
  return { algorithm: inside.subarray(0, end), key: bits.subarray(skip(bits) + 1) }
}

/** Keys of types that no algorithm here uses, in PEM. Made once, and used by no other test. */
const FOREIGN = /** @type {[string, any, any?][]} */ ([
  ['x25519'],
  ['x448'],
  ['ed448'],
  ['ec', { namedCurve: 'secp224r1' }],
  ['ec', { namedCurve: 'prime192v1' }],
  ['ec', { namedCurve: 'brainpoolP256r1' }],
  ['dsa', { modulusLength: 2048, divisorLength: 256 }],
  ['rsa', { modulusLength: 1024 }],
]).map(([type, more]) => {
  const { publicKey } = generateKeyPairSync(/** @type {any} */ (type), more)
  return {
    name: `${type} ${Object.values(more ?? {}).join()}`,
    pem: String(/** @type {any} */ (publicKey).export({ type: 'spki', format: 'pem' })),
  }
})

/** @param {import('../target.js').Target} target */
export function* pem({ family, key, stranger, good, header, claims, sign, random, alg, options }) {
  if (key.privateKey === undefined) return
  const text = spki(key.jwk)
  const lines = text.trimEnd().split('\n')
  const base64 = lines.slice(1, -1)
  const der = publicOf(key).export({ type: 'spki', format: 'der' })
  const { algorithm, key: bits } = apart(der)
  const label = (/** @type {string} */ name) => text.replaceAll('PUBLIC KEY', name)
  const armour = (/** @type {Uint8Array} */ octets) => armoured('PUBLIC KEY', octets)
  const pkcs8 = String(
    createPrivateKey({ key: key.privateKey.export({ format: 'jwk' }), format: 'jwk' }).export({
      type: 'pkcs8',
      format: 'pem',
    }),
  )
  const sealed = String(
    key.privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: random.text(8) }),
  )
  /** @type {[string, string][]} */
  const wrong = [
    ['empty', ''],
    ['white space', ' \n'],
    ['text', random.text(60)],
    ['a private key', pkcs8],
    ['a sealed private key', sealed],
    ['text in front of its first line', `subject=/CN=x ${text}`],
    ['text behind its last line', `${text.trimEnd()}x`],
    ['a byte order mark', `\ufeff${text}`],
    ['a vertical tab in front', `\v${text}`],
    ['two blocks', `${text}${text}`],
    ['two blocks of two keys', `${spki(stranger.jwk)}${text}`],
    ['a comment block in front', `-----BEGIN COMMENT-----\nQUJD\n-----END COMMENT-----\n${text}`],
    ['four dashes', text.replaceAll('-----', '----')],
    ['six dashes', text.replaceAll('-----', '------')],
    ['four dashes at the end', text.trimEnd().slice(0, -1)],
    ['lower case', text.replaceAll('BEGIN', 'begin').replaceAll('END', 'end')],
    ['no line end behind the label', text.replace('-----\n', '-----')],
    ['no line end before the end', `${lines.slice(0, -1).join('\n')}${lines.at(-1)}`],
    ['all on one line', text.replaceAll('\n', '')],
    ['spaces for line ends', text.replaceAll('\n', ' ')],
    ['escaped line ends', text.replaceAll('\n', '\\n')],
    ['no end', lines.slice(0, -1).join('\n')],
    ['no beginning', lines.slice(1).join('\n')],
    ['labels that differ', text.replace('END PUBLIC', 'END RSA PUBLIC')],
    ['headers inside', text.replace('-----\n', '-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n')],
    ['a header of another block', text.replace('-----\n', '-----\nComment: x\n\n')],
    ['the label of a certificate', label('CERTIFICATE')],
    ['the label of a PKCS#1 key', label('RSA PUBLIC KEY')],
    ['the label of a private key', label('PRIVATE KEY')],
    ['the label of an EC key', label('EC PUBLIC KEY')],
    ['an empty label', label('')],
    ['no label', text.replaceAll(' PUBLIC KEY', '')],
    ['SSH2', text.replaceAll('PUBLIC KEY', 'SSH2 PUBLIC KEY')],
    ['no content', '-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n'],
    ['one octet', armour(Buffer.from([0x30]))],
    ['padding in the middle', text.replace(String(base64[0]), `${String(base64[0]).slice(0, -2)}==`)],
    [
      'no padding',
      `${lines[0]}\n${Buffer.concat([der, Buffer.alloc(der.length % 3 === 0 ? 1 : 0)])
        .toString('base64')
        .replace(/=+$/, '')}\n${lines.at(-1)}`,
    ],
    ['padding too often', text.replace('\n-----END', '=\n-----END')],
    ['base64url', `${lines[0]}\n-_-_${base64.join('').slice(4)}\n${lines.at(-1)}`],
    [
      'a foreign character',
      text.replace(String(base64[0]), `${String(base64[0]).slice(0, 20)}!${String(base64[0]).slice(21)}`),
    ],
    [
      'a space inside a line',
      text.replace(String(base64[0]), `${String(base64[0]).slice(0, 20)} ${String(base64[0]).slice(20)}`),
    ],
    ['too long', `${text}${'\n'.repeat(65_537)}`],
    ['a zero behind', armour(Buffer.concat([der, Buffer.alloc(1)]))],
    ['chance behind', armour(Buffer.concat([der, random.octets(8)]))],
    ['cut short', armour(der.subarray(0, -1 - random.below(20)))],
    ['chance', armour(random.octets(91))],
    ['twice', armour(Buffer.concat([der, der]))],
    ['a SET', armour(Buffer.concat([Buffer.from([0x31]), der.subarray(1)]))],
    [
      'an indefinite length',
      armour(Buffer.concat([Buffer.from([0x30, 0x80]), algorithm, element(3, Buffer.alloc(1), bits), Buffer.alloc(2)])),
    ],
    [
      'a length in too many octets',
      armour(
        Buffer.concat([
          Buffer.from([0x30, 0x83, 0]),
          Buffer.from(der.length > 130 ? der.subarray(2) : Buffer.concat([Buffer.from([0]), der.subarray(1)])),
        ]),
      ),
    ],
    ['unused bits', armour(element(0x30, algorithm, element(3, Buffer.from([1]), bits)))],
    ['an OCTET STRING for the key', armour(element(0x30, algorithm, element(4, bits)))],
    ['no algorithm', armour(element(0x30, element(3, Buffer.alloc(1), bits)))],
    ['an algorithm without a name', armour(element(0x30, element(0x30), element(3, Buffer.alloc(1), bits)))],
    [
      'an algorithm of another name',
      armour(element(0x30, element(0x30, element(6, random.octets(6))), element(3, Buffer.alloc(1), bits))),
    ],
    ['a member too many', armour(element(0x30, algorithm, element(3, Buffer.alloc(1), bits), element(5)))],
    ['no key', armour(element(0x30, algorithm))],
    ['an empty key', armour(element(0x30, algorithm, element(3, Buffer.alloc(1))))],
    ['a key cut short', armour(element(0x30, algorithm, element(3, Buffer.alloc(1), bits.subarray(0, -1))))],
    ['a key and a zero', armour(element(0x30, algorithm, element(3, Buffer.alloc(1), bits, Buffer.alloc(1))))],
    ...FOREIGN.map(({ name, pem: foreign }) => /** @type {[string, string]} */ ([`a key of ${name}`, foreign])),
    ...(family === 'EC' ? points(algorithm, bits, armour) : []),
    ...(family === 'RSA' ? integers(bits, armour, algorithm) : []),
    ...(family === 'OKP'
      ? /** @type {[string, string][]} */ ([
          [
            'parameters where there are none',
            armour(
              element(
                0x30,
                element(0x30, element(6, Buffer.from([0x2b, 0x65, 0x70])), element(5)),
                element(3, Buffer.alloc(1), bits),
              ),
            ),
          ],
        ])
      : []),
  ]
  for (const [name, bad] of wrong) yield mistaken(name, 'pem', { keys: { pem: bad } })
  yield mistaken('no text', 'pem', { keys: { pem: '\0' } })
  yield mistaken('an algorithm of another type beside it', 'alg', {
    keys: { pem: text, alg: family === 'RSA' ? 'ES256' : 'RS256' },
  })
  yield refused("a stranger's token", 'signature_invalid', sign(header(), claims(), stranger), { keys: { pem: text } })
  yield refused('its own token for another key', 'signature_invalid', good(), {
    keys: { pem: spki(stranger.jwk) },
    good: { token: sign(header(), claims(), stranger) },
  })
  for (const [name, fine] of [
    ['as OpenSSL writes it', text],
    ['with CRLF', text.replaceAll('\n', '\r\n')],
    ['with CR', text.replaceAll('\n', '\r')],
    ['with blank lines around it', `\n\n \t${text}\n\n`],
    ['with spaces at line ends', text.replaceAll('\n', ' \t\n')],
    ['in lines of 76', `${lines[0]}\n${der.toString('base64').replaceAll(/(.{76})/g, '$1\n')}\n${lines.at(-1)}`],
    ['in one line of base64', `${lines[0]}\n${der.toString('base64')}\n${lines.at(-1)}`],
    ['without a last line end', text.trimEnd()],
    ['after other text', `Bag Attributes\n    localKeyID: 01\nsubject=/CN=x\n${text}`],
    ['before other text', `${text}x`],
    ...(family === 'RSA'
      ? [['in PKCS#1', String(createPublicKey(text).export({ type: 'pkcs1', format: 'pem' }))]]
      : []),
  ]) {
    yield accepted(String(name), good(), { keys: { pem: fine }, options: { ...options, algorithms: [alg] } })
  }
}

/** @param {Buffer} algorithm @param {Buffer} bits @param {(der: Uint8Array) => string} armour @returns {[string, string][]} */
function points(algorithm, bits, armour) {
  const size = (bits.length - 1) / 2
  const info = (/** @type {Uint8Array} */ point) => armour(element(0x30, algorithm, element(3, Buffer.alloc(1), point)))
  const flipped = Buffer.from(bits)
  flipped.writeUInt8(flipped.readUInt8(bits.length - 1) ^ 1, bits.length - 1)
  return [
    ['a compressed point', info(Buffer.concat([Buffer.from([2]), bits.subarray(1, 1 + size)]))],
    ['a hybrid point', info(Buffer.concat([Buffer.from([6]), bits.subarray(1)]))],
    ['the point at infinity', info(Buffer.alloc(1))],
    ['a point without a form', info(bits.subarray(1))],
    [
      'a curve that is implied',
      armour(
        element(
          0x30,
          element(0x30, Buffer.from('06072a8648ce3d0201', 'hex'), element(5)),
          element(3, Buffer.alloc(1), bits),
        ),
      ),
    ],
    [
      'no curve',
      armour(element(0x30, element(0x30, Buffer.from('06072a8648ce3d0201', 'hex')), element(3, Buffer.alloc(1), bits))),
    ],
    [
      'a curve spelled out',
      armour(
        element(
          0x30,
          element(0x30, Buffer.from('06072a8648ce3d0201', 'hex'), element(0x30, element(2, Buffer.from([1])))),
          element(3, Buffer.alloc(1), bits),
        ),
      ),
    ],
  ]
}

/** @param {Buffer} bits @param {(der: Uint8Array) => string} armour @param {Buffer} algorithm @returns {[string, string][]} */
function integers(bits, armour, algorithm) {
  const name = Buffer.from('06092a864886f70d010101', 'hex')
  const info = (/** @type {Uint8Array} */ key) => armour(element(0x30, algorithm, element(3, Buffer.alloc(1), key)))
  const exponent = element(2, Buffer.from([1, 0, 1]))
  const modulus = bits.subarray(4, bits.length - exponent.length)
  return [
    [
      'no parameters where NULL must stand',
      armour(element(0x30, element(0x30, name), element(3, Buffer.alloc(1), bits))),
    ],
    [
      'a NULL with contents',
      armour(element(0x30, element(0x30, name, Buffer.from([5, 1, 0])), element(3, Buffer.alloc(1), bits))),
    ],
    ['a negative exponent', info(element(0x30, modulus, element(2, Buffer.from([0x80]))))],
    ['an exponent with a zero in front', info(element(0x30, modulus, element(2, Buffer.from([0, 1, 0, 1]))))],
    ['an exponent of 3', info(element(0x30, modulus, element(2, Buffer.from([3]))))],
    ['no exponent', info(element(0x30, modulus))],
    ['three numbers', info(element(0x30, modulus, exponent, exponent))],
    ['a short modulus', info(element(0x30, element(2, Buffer.alloc(100, 0x55)), exponent))],
  ]
}
