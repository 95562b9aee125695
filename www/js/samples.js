// @ts-check
/**
 * The samples: a token of each system, and common mistakes and attacks.
 *
 * @module
 */

import { countersign, receipts } from 'countersign'
import { alphanumeric, hex, pairOf, publicJwk, publicPem, secret, sign, signHs256, unsigned } from './mint.js'

/**
 * The contents of a sample.
 *
 * @typedef {{ token: string, system: string, values?: Record<string, string>, key: string, look?: string }} Loaded
 * `look` replaces that of the sample.
 */

/**
 * @typedef {object} Sample
 * @property {string} id
 * @property {string} label
 * @property {boolean} trap
 * @property {string} look What the sample shows.
 * @property {() => Promise<Loaded>} load
 */

const ISSUER = 'https://issuer.example/'
const AUDIENCE = 'https://api.example/'
const UITPAS = 'https://api.publiq.be/auth/uitpas'

const now = () => Math.floor(Date.now() / 1000)

/** @type {readonly Sample[]} */
export const SAMPLES = [
  {
    id: 'juspay',
    label: 'Juspay',
    trap: false,
    look: 'The receipt that your backend signed, then “~”, then the opaque token. Try “another order” under “What if?”.',
    load: async () => ({ ...juspay(), system: 'juspay' }),
  },
  {
    id: 'cashfree',
    label: 'Cashfree',
    trap: false,
    look: 'The receipt binds the token to one vkyc_request_id. Change the one of the request below, and the token is refused.',
    load: async () => {
      const key = secret()
      const receipt = receipts.cashfree({
        appId: 'app_id_for_vkyc',
        environment: 'sandbox',
        vkycRequestId: '249749',
        expires: now() + 600,
      })
      return { token: countersign(alphanumeric(32), receipt, { secret: key }), system: 'cashfree', key }
    },
  },
  {
    id: 'vtex',
    label: 'VTEX',
    trap: false,
    look: 'Its audience is in the claim “audience”, not in “aud”. A library that checks “aud” does not check it.',
    load: () => vtex('admin', 'mary@mystore.example'),
  },
  {
    id: 'publiq',
    label: 'publiq',
    trap: false,
    look: 'A client access token. It is accepted, but see the warning: such a token must never be in a web page.',
    load: () => publiq({ 'https://publiq.be/publiq-apis': 'ups sapi entry' }, { api: 'entry' }),
  },
  {
    id: 'accessToken',
    label: 'RFC 9068',
    trap: false,
    look: 'An access token of the standard RFC 9068. Drag the slider past its expiry.',
    load: () => accessToken({}, { scope: 'orders:read' }),
  },
  {
    id: 'jwt-io',
    label: 'jwt.io’s sample',
    trap: true,
    look: 'The sample token of jwt.io. It has no expiry, no issuer and no audience, and its secret is public: see the key field.',
    load: async () => ({
      token: `${'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9'}.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c`,
      system: 'custom',
      key: 'your-256-bit-secret',
    }),
  },
  {
    id: 'expired',
    label: 'Expired',
    trap: true,
    look: 'It expired four minutes ago. Set a leeway of 300 seconds, or drag the slider back, and it is accepted.',
    load: () => accessToken({ iat: now() - 3840, exp: now() - 240 }, {}),
  },
  {
    id: 'alg-none',
    label: 'alg none',
    trap: true,
    look: 'The header says “alg”: “none”, and there is no signature. A verifier must not let a token choose its algorithm.',
    load: async () => ({
      token: unsigned({ alg: 'none', typ: 'at+jwt' }, claims({ scope: 'orders:read admin' })),
      system: 'accessToken',
      key: await publicJwk(await pairOf('ES256')),
    }),
  },
  {
    id: 'confusion',
    label: 'HS/RS confusion',
    trap: true,
    look: 'Signed with HS256, with the text of the RSA public key as the secret. A key only allows algorithms of its own type.',
    load: async () => {
      const pem = await publicPem(await pairOf('RS256'))
      return { token: await signHs256(pem, { typ: 'at+jwt' }, claims({})), system: 'accessToken', key: pem }
    },
  },
  {
    id: 'scope-prefix',
    label: 'Scope prefix',
    trap: true,
    look: 'Its scope ends in “uitpas_balie”, and the route requires “uitpas”. A comparison by prefix would accept it.',
    load: () => publiq({ scope: `${UITPAS}_balie` }, { api: '', scope: UITPAS }),
  },
  {
    id: 'shopper',
    label: 'Shopper as admin',
    trap: true,
    look: 'A valid token of the right store, but of a shopper. On an admin route, “audience” must be “admin”.',
    load: () => vtex('webstore', 'shopper@mail.example'),
  },
  {
    id: 'ist',
    label: 'IST read as UTC',
    trap: true,
    look: 'An expiry in Indian time (IST). Code that reads it as UTC accepts the token for another five and a half hours.',
    load: async () => {
      const key = secret()
      const expires = `${new Date((now() - 600 + 19_800) * 1000).toISOString().slice(0, 19).replace('T', ' ')} IST`
      const receipt = receipts.cashfree({
        appId: 'app_id_for_vkyc',
        environment: 'sandbox',
        vkycRequestId: '249749',
        expires,
        now: now() - 1800,
      })
      const utc = new Date((now() - 600) * 1000).toISOString().slice(11, 19)
      const time = expires.slice(11, 19)
      const look =
        `Cashfree gave this token the expiry “${expires}”. That is ${utc} UTC, ten minutes ago. ` +
        `Code that reads ${time} as UTC accepts the token for another five hours.`
      return { token: countersign(alphanumeric(32), receipt, { secret: key }), system: 'cashfree', key, look }
    },
  },
  {
    id: 'other-receipt',
    label: 'Another token’s receipt',
    trap: true,
    look: 'A valid receipt before a token that it was not made for: the hash in its “ath” is that of another token.',
    load: async () => {
      const { token, key } = juspay()
      return { token: `${token.split('~')[0]}~tkn_${hex(32)}`, system: 'juspay', key }
    },
  },
]

function juspay() {
  const key = secret()
  const receipt = receipts.juspay({
    merchantId: 'acme',
    environment: 'sandbox',
    kind: 'order',
    id: '14183944763',
    expires: now() + 900,
  })
  return { token: countersign(`tkn_${hex(32)}`, receipt, { secret: key }), key }
}

/**
 * @param {'admin' | 'webstore'} audience
 * @param {string} sub
 * @returns {Promise<Loaded>}
 */
async function vtex(audience, sub) {
  const pair = await pairOf('ES256', '1AF291E0D640DD59DA93E84DC164260786DB6780')
  const iat = now() - 1200
  const token = await sign(
    pair,
    {
      sub,
      account: 'mystore',
      audience,
      sess: crypto.randomUUID(),
      exp: iat + 86_400,
      type: 'user',
      userId: crypto.randomUUID(),
      iat,
      iss: 'token-emitter',
      jti: crypto.randomUUID(),
    },
    { typ: 'jwt' },
  )
  return { token, system: 'vtex', key: await publicJwk(pair) }
}

/**
 * @param {Record<string, unknown>} more
 * @param {Record<string, string>} values
 * @returns {Promise<Loaded>}
 */
async function publiq(more, values) {
  const pair = await pairOf('RS256', 'publiq-sample')
  const iat = now() - 300
  const client = alphanumeric(32)
  const token = await sign(pair, {
    'https://publiq.be/client-name': 'A sample client',
    iss: 'https://account-test.uitid.be/',
    sub: `${client}@clients`,
    aud: 'https://api.publiq.be',
    iat,
    exp: iat + 86_400,
    azp: client,
    gty: 'client-credentials',
    ...more,
  })
  return { token, system: 'publiq', values, key: await publicJwk(pair) }
}

/**
 * @param {Record<string, unknown>} more
 * @param {Record<string, string>} values
 * @returns {Promise<Loaded>}
 */
async function accessToken(more, values) {
  const pair = await pairOf('ES256')
  const token = await sign(pair, claims(more), { typ: 'at+jwt' })
  return { token, system: 'accessToken', values, key: await publicJwk(pair) }
}

/** @param {Record<string, unknown>} more */
function claims(more) {
  const iat = now() - 600
  return {
    iss: ISSUER,
    sub: 'mary',
    aud: AUDIENCE,
    client_id: 'web-shop',
    iat,
    exp: iat + 3600,
    jti: crypto.randomUUID(),
    scope: 'orders:read orders:write',
    ...more,
  }
}
