// @ts-check
/**
 * What the names in a token mean, in a sentence, and where that is written.
 *
 * @module
 */

/** @typedef {readonly [sentence: string, source: string]} Meaning */

/** JOSE Header Parameters. @type {Readonly<Record<string, Meaning>>} */
const HEADER = {
  alg: [
    'The algorithm it claims to be signed with. The policy and the key decide whether that is allowed.',
    'RFC 7515 §4.1.1',
  ],
  jku: ['An address of keys. Whoever made the token chose it, so it is never followed.', 'RFC 7515 §4.1.2'],
  jwk: [
    'A key inside the token itself. Whoever made the token chose it, so it is never used.',
    'RFC 7515 §4.1.3',
  ],
  kid: ['Which of the issuer’s keys signed it.', 'RFC 7515 §4.1.4'],
  x5u: ['An address of a certificate. It is never followed.', 'RFC 7515 §4.1.5'],
  x5c: ['A certificate inside the token itself. It is never believed.', 'RFC 7515 §4.1.6'],
  x5t: ['The SHA-1 thumbprint of the signer’s certificate.', 'RFC 7515 §4.1.7'],
  'x5t#S256': ['The SHA-256 thumbprint of the signer’s certificate.', 'RFC 7515 §4.1.8'],
  typ: ['What kind of token it is, so that one kind cannot pass for another.', 'RFC 7515 §4.1.9'],
  cty: ['What the payload is, where it is not simply claims.', 'RFC 7515 §4.1.10'],
  crit: ['Extensions that a verifier must understand or refuse.', 'RFC 7515 §4.1.11'],
  enc: ['How the content is encrypted.', 'RFC 7516 §4.1.2'],
  zip: ['How the content is compressed before it is encrypted.', 'RFC 7516 §4.1.3'],
}

/** Claims. @type {Readonly<Record<string, Meaning>>} */
const CLAIMS = {
  iss: ['Who issued it. Compared as a whole, to the letter.', 'RFC 7519 §4.1.1'],
  sub: ['Whom it is about: a person or a client, unique at its issuer.', 'RFC 7519 §4.1.2'],
  aud: ['For which servers it is. A server that is not named must refuse it.', 'RFC 7519 §4.1.3'],
  exp: ['From this very second on it must not be accepted.', 'RFC 7519 §4.1.4'],
  nbf: ['Before this moment it must not be accepted.', 'RFC 7519 §4.1.5'],
  iat: ['When it was issued.', 'RFC 7519 §4.1.6'],
  jti: ['The token’s own name, so that one token can be told from the next.', 'RFC 7519 §4.1.7'],
  scope: ['What it allows: words, each taken whole, separated by single spaces.', 'RFC 8693 §4.2'],
  client_id: ['The client that asked for it.', 'RFC 8693 §4.3'],
  act: ['Who acts on behalf of the subject.', 'RFC 8693 §4.1'],
  may_act: ['Who may act on behalf of the subject.', 'RFC 8693 §4.4'],
  cnf: ['The key whose possession has to be proved along with the token.', 'RFC 7800 §3.1'],
  roles: ['Roles of the subject.', 'RFC 9068 §2.2.3.1'],
  groups: ['Groups of the subject.', 'RFC 9068 §2.2.3.1'],
  entitlements: ['What the subject is entitled to.', 'RFC 9068 §2.2.3.1'],
  authorization_details: ['What it allows, in detail.', 'RFC 9396 §9.1'],
  ath: ['The SHA-256 of another token: this one belongs to that one, and to no other.', 'RFC 9449 §4.2'],
  htm: ['The method of the request that this proof is for.', 'RFC 9449 §4.2'],
  htu: ['The address of the request that this proof is for.', 'RFC 9449 §4.2'],
  nonce: [
    'A value that the client or server chose, so that an old answer cannot be replayed.',
    'OpenID Connect Core §2',
  ],
  auth_time: ['When the person logged in.', 'OpenID Connect Core §2'],
  acr: ['How strongly the person was authenticated.', 'OpenID Connect Core §2'],
  amr: ['By what means the person was authenticated.', 'OpenID Connect Core §2'],
  azp: ['The client that it was issued to.', 'OpenID Connect Core §2'],
  at_hash: ['The hash of an access token: this is an ID token.', 'OpenID Connect Core §3.1.3.6'],
  c_hash: ['The hash of a code: this is an ID token.', 'OpenID Connect Core §3.3.2.11'],
  sid: ['The session at its issuer.', 'OpenID Connect Front-Channel Logout §3'],
  events: ['What happened: this is a security event, not an access token.', 'RFC 8417 §2.2'],
  txn: ['The transaction it belongs to.', 'RFC 8417 §2.2'],
  vc: ['A verifiable credential.', 'VC Data Model 1.1 §6.3.1'],
  name: ['The person’s whole name.', 'OpenID Connect Core §5.1'],
  given_name: ['The person’s given names.', 'OpenID Connect Core §5.1'],
  family_name: ['The person’s family names.', 'OpenID Connect Core §5.1'],
  middle_name: ['The person’s middle names.', 'OpenID Connect Core §5.1'],
  nickname: [
    'What the person is called: in publiq’s tokens a sign of an ID token.',
    'OpenID Connect Core §5.1',
  ],
  preferred_username: ['What the person wants to be called; not unique.', 'OpenID Connect Core §5.1'],
  profile: ['The address of the person’s profile.', 'OpenID Connect Core §5.1'],
  picture: ['The address of a picture of the person.', 'OpenID Connect Core §5.1'],
  website: ['The address of the person’s own pages.', 'OpenID Connect Core §5.1'],
  email: ['The person’s e-mail address.', 'OpenID Connect Core §5.1'],
  email_verified: ['Whether that address was verified.', 'OpenID Connect Core §5.1'],
  gender: ['The person’s gender.', 'OpenID Connect Core §5.1'],
  birthdate: ['When the person was born.', 'OpenID Connect Core §5.1'],
  zoneinfo: ['The person’s time zone.', 'OpenID Connect Core §5.1'],
  locale: ['The person’s language and region.', 'OpenID Connect Core §5.1'],
  phone_number: ['The person’s telephone number.', 'OpenID Connect Core §5.1'],
  phone_number_verified: ['Whether that number was verified.', 'OpenID Connect Core §5.1'],
  address: ['The person’s postal address.', 'OpenID Connect Core §5.1'],
  updated_at: ['When this was last brought up to date.', 'OpenID Connect Core §5.1'],
  gty: ['How it was obtained: “client-credentials” means by a backend, for itself.', 'Auth0'],
  permissions: ['What the client may do at this API, word by word.', 'Auth0'],
  scp: ['What it allows, as some issuers call it.', 'Microsoft Entra ID'],
  typ: ['The kind of token, as Keycloak writes it: “Bearer” or “ID”.', 'Keycloak'],
  'https://publiq.be/publiq-apis': [
    'The publiq APIs that the client may use, by their short names.',
    'publiq',
  ],
  'https://publiq.be/client-name': ['What the client is called.', 'publiq'],
  audience: ['“admin” or “webstore”. VTEX has no “aud”: whoever checks that checks nothing.', 'VTEX'],
  account: ['The VTEX account it was issued in.', 'VTEX'],
  sess: ['The session of a person; a token for an application has none.', 'VTEX'],
  userId: ['The person, by an internal id.', 'VTEX'],
  bind: ['What the token was issued for: the request must be about exactly this.', 'countersign receipt'],
  uses: ['How many times it may be redeemed.', 'countersign receipt'],
  merchant_id: ['The Juspay merchant.', 'countersign receipt'],
  app_id: ['The Cashfree app.', 'countersign receipt'],
  product: ['The Cashfree product that it opens.', 'countersign receipt'],
}

/** Claims that are a NumericDate. */
const TIMES = new Set(['exp', 'nbf', 'iat', 'auth_time', 'updated_at'])

/**
 * What a name in a token means.
 *
 * @param {'header' | 'claims'} where
 * @param {string} name
 * @returns {Meaning}
 */
export function meaningOf(where, name) {
  const known = where === 'header' ? HEADER : CLAIMS
  return Object.hasOwn(known, name) ? /** @type {Meaning} */ (known[name]) : ['Private to its issuer.', '']
}

/**
 * @param {string} name
 * @param {unknown} value
 * @returns {value is number}
 */
export function isTime(name, value) {
  return TIMES.has(name) && typeof value === 'number'
}

/**
 * Where that is written, as an address; nothing where it is no RFC.
 *
 * @param {string} source
 */
export function addressOf(source) {
  const [, rfc, section] = /^RFC (\d+) §([\d.]+)$/.exec(source) ?? []
  return rfc === undefined ? undefined : `https://www.rfc-editor.org/rfc/rfc${rfc}#section-${section}`
}
