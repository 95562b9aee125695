/**
 * Meanings of Header Parameters and claims, in a sentence each, with the source. The demo page and the command line
 * show them.
 *
 * @module
 */

/** The meaning of a name: a sentence, and its source. */
export type Meaning = readonly [sentence: string, source: string]

/** JOSE Header Parameters. */
const HEADER: Readonly<Record<string, Meaning>> = {
  alg: ['The algorithm of the signature. The policy and the key decide whether it is allowed.', 'RFC 7515 §4.1.1'],
  jku: ['An address of keys. The maker of the token chose it, so it is never used.', 'RFC 7515 §4.1.2'],
  jwk: ['A key inside the token. The maker of the token chose it, so it is never used.', 'RFC 7515 §4.1.3'],
  kid: ['The identifier of the key that signed it.', 'RFC 7515 §4.1.4'],
  x5u: ['An address of a certificate. It is never used.', 'RFC 7515 §4.1.5'],
  x5c: ['A certificate inside the token. It is never used.', 'RFC 7515 §4.1.6'],
  x5t: ['The SHA-1 thumbprint of the signer’s certificate.', 'RFC 7515 §4.1.7'],
  'x5t#S256': ['The SHA-256 thumbprint of the signer’s certificate.', 'RFC 7515 §4.1.8'],
  typ: ['The kind of token. It prevents one kind from being accepted as another.', 'RFC 7515 §4.1.9'],
  cty: ['The type of the payload, if that is not a set of claims.', 'RFC 7515 §4.1.10'],
  crit: ['Extensions that a verifier must understand or refuse.', 'RFC 7515 §4.1.11'],
  enc: ['How the content is encrypted.', 'RFC 7516 §4.1.2'],
  zip: ['How the content is compressed before it is encrypted.', 'RFC 7516 §4.1.3'],
}

/** Claims. */
const CLAIMS: Readonly<Record<string, Meaning>> = {
  iss: ['Who issued it. It must equal the expected issuer exactly.', 'RFC 7519 §4.1.1'],
  sub: ['The subject: a person or a client, unique at its issuer.', 'RFC 7519 §4.1.2'],
  aud: ['The servers that it is for. A server that is not named must refuse it.', 'RFC 7519 §4.1.3'],
  exp: ['From this second on it must not be accepted.', 'RFC 7519 §4.1.4'],
  nbf: ['Before this moment it must not be accepted.', 'RFC 7519 §4.1.5'],
  iat: ['When it was issued.', 'RFC 7519 §4.1.6'],
  jti: ['The identifier of the token.', 'RFC 7519 §4.1.7'],
  scope: ['What it allows: words separated by spaces, each compared as a whole.', 'RFC 8693 §4.2'],
  client_id: ['The client that asked for it.', 'RFC 8693 §4.3'],
  act: ['Who acts on behalf of the subject.', 'RFC 8693 §4.1'],
  may_act: ['Who may act on behalf of the subject.', 'RFC 8693 §4.4'],
  cnf: ['The key whose possession must be proved with the token.', 'RFC 7800 §3.1'],
  roles: ['Roles of the subject.', 'RFC 9068 §2.2.3.1'],
  groups: ['Groups of the subject.', 'RFC 9068 §2.2.3.1'],
  entitlements: ['What the subject is entitled to.', 'RFC 9068 §2.2.3.1'],
  authorization_details: ['What it allows, in detail.', 'RFC 9396 §9.1'],
  ath: ['The SHA-256 of another token. This one is only valid together with that one.', 'RFC 9449 §4.2'],
  htm: ['The method of the request that this proof is for.', 'RFC 9449 §4.2'],
  htu: ['The address of the request that this proof is for.', 'RFC 9449 §4.2'],
  nonce: ['A value that the client or server chose, against replay.', 'OpenID Connect Core §2'],
  auth_time: ['When the person logged in.', 'OpenID Connect Core §2'],
  acr: ['The level of the authentication.', 'OpenID Connect Core §2'],
  amr: ['The methods of the authentication.', 'OpenID Connect Core §2'],
  azp: ['The client that it was issued to.', 'OpenID Connect Core §2'],
  at_hash: ['The hash of an access token: this is an ID token.', 'OpenID Connect Core §3.1.3.6'],
  c_hash: ['The hash of a code: this is an ID token.', 'OpenID Connect Core §3.3.2.11'],
  sid: ['The session at its issuer.', 'OpenID Connect Front-Channel Logout §3'],
  events: ['A security event: this is not an access token.', 'RFC 8417 §2.2'],
  txn: ['The transaction it belongs to.', 'RFC 8417 §2.2'],
  vc: ['A verifiable credential.', 'VC Data Model 1.1 §6.3.1'],
  name: ['The person’s whole name.', 'OpenID Connect Core §5.1'],
  given_name: ['The person’s given names.', 'OpenID Connect Core §5.1'],
  family_name: ['The person’s family names.', 'OpenID Connect Core §5.1'],
  middle_name: ['The person’s middle names.', 'OpenID Connect Core §5.1'],
  nickname: ['The person’s nickname. In tokens of publiq it marks an ID token.', 'OpenID Connect Core §5.1'],
  preferred_username: ['The name that the person chose; not unique.', 'OpenID Connect Core §5.1'],
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
  permissions: ['What the client may do at this API, one word each.', 'Auth0'],
  scp: ['The scope, as Microsoft Entra ID names it.', 'Microsoft Entra ID'],
  typ: ['The kind of token, as Keycloak writes it: “Bearer” or “ID”.', 'Keycloak'],
  'https://publiq.be/publiq-apis': ['The publiq APIs that the client may use, by their short names.', 'publiq'],
  'https://publiq.be/client-name': ['The name of the client.', 'publiq'],
  audience: ['“admin” or “webstore”. Tokens of VTEX have no “aud”.', 'VTEX'],
  account: ['The VTEX account it was issued in.', 'VTEX'],
  sess: ['The session of a person; a token for an application has none.', 'VTEX'],
  userId: ['The internal identifier of the person.', 'VTEX'],
  bind: ['The resource that the token was issued for. The request must be for the same one.', 'countersign receipt'],
  uses: ['How many times it may be redeemed.', 'countersign receipt'],
  merchant_id: ['The Juspay merchant.', 'countersign receipt'],
  app_id: ['The Cashfree app.', 'countersign receipt'],
  product: ['The Cashfree product that it is for.', 'countersign receipt'],
}

/** Claims that are a NumericDate. */
const TIMES = new Set(['exp', 'nbf', 'iat', 'auth_time', 'updated_at'])

/**
 * The meaning of a name in a token.
 *
 * @param where The part of the token that has a member of this name.
 */
export function meaningOf(where: 'header' | 'claims', name: string): Meaning {
  const known = where === 'header' ? HEADER : CLAIMS
  const meaning = Object.hasOwn(known, name) ? known[name] : undefined
  return meaning ?? ['Private to its issuer.', '']
}

/** Whether the claim called `name` is a NumericDate with this value. */
export function isTime(name: string, value: unknown): value is number {
  return TIMES.has(name) && typeof value === 'number'
}

/** The address of a source; `undefined` if it is not an RFC. */
export function addressOf(source: string): string | undefined {
  const [, rfc, section] = /^RFC (\d+) §([\d.]+)$/.exec(source) ?? []
  return rfc === undefined ? undefined : `https://www.rfc-editor.org/rfc/rfc${rfc}#section-${section}`
}
