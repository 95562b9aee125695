// @ts-check
/**
 * The samples: each system's token as it comes, and the traps that everyone meets once.
 *
 * @module
 */

import { countersign, receipts } from 'countersign'
import { alphanumeric, hex, pairOf, publicJwk, publicPem, secret, sign, signHs256, unsigned } from './mint.js'

/**
 * What a sample puts on the page.
 *
 * @typedef {{ token: string, system: string, values?: Record<string, string>, key: string }} Loaded
 */

/**
 * @typedef {object} Sample
 * @property {string} id
 * @property {string} label
 * @property {boolean} trap
 * @property {string} look What to look at.
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
    look: 'Two parts: the receipt that your backend made, and the opaque token it vouches for. Ask “what if another order?”.',
    load: async () => ({ ...juspay(), system: 'juspay' }),
  },
  {
    id: 'cashfree',
    label: 'Cashfree',
    trap: false,
    look: 'The receipt binds the token to one vkyc_request_id. Change the request below and watch the verdict.',
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
    look: 'It says “audience”, not “aud”. A library that checks “aud” checks nothing here.',
    load: () => vtex('admin', 'mary@mystore.example'),
  },
  {
    id: 'publiq',
    label: 'publiq',
    trap: false,
    look: 'A client access token. It holds. The warning under it is the point: it never belongs in a page.',
    load: () => publiq({ 'https://publiq.be/publiq-apis': 'ups sapi entry' }, { api: 'entry' }),
  },
  {
    id: 'accessToken',
    label: 'RFC 9068',
    trap: false,
    look: 'The standard’s own access token. Drag the timeline past its expiry.',
    load: () => accessToken({}, { scope: 'orders:read' }),
  },
  {
    id: 'jwt-io',
    label: 'jwt.io’s sample',
    trap: true,
    look: 'It stands in documentation everywhere. No expiry, no issuer, no audience, and a secret that everyone knows: see the key field.',
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
    look: 'Four minutes too late. Leeway would have to be 240 seconds; drag the timeline back to see it hold.',
    load: () => accessToken({ iat: now() - 3840, exp: now() - 240 }, {}),
  },
  {
    id: 'alg-none',
    label: 'alg none',
    trap: true,
    look: 'The header asks not to be checked. A token does not choose its own algorithm.',
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
    look: 'Signed with HS256, and the secret is the text of the RSA public key. A key is only ever good for algorithms of its own kind.',
    load: async () => {
      const pem = await publicPem(await pairOf('RS256'))
      return { token: await signHs256(pem, { typ: 'at+jwt' }, claims({})), system: 'accessToken', key: pem }
    },
  },
  {
    id: 'scope-prefix',
    label: 'Scope prefix',
    trap: true,
    look: 'It allows “uitpas_balie”; the route needs “uitpas”. One begins with the other, and they are two different words.',
    load: () => publiq({ scope: `${UITPAS}_balie` }, { api: '', scope: UITPAS }),
  },
  {
    id: 'shopper',
    label: 'Shopper as admin',
    trap: true,
    look: 'Genuine, in time, of the right store, and a shopper’s. On an admin route “audience” decides.',
    load: () => vtex('webstore', 'shopper@mail.example'),
  },
  {
    id: 'ist',
    label: 'IST read as UTC',
    trap: true,
    look: 'It expired ten minutes ago, in India. Whoever reads “IST” as UTC gives it five and a half hours more.',
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
      return { token: countersign(alphanumeric(32), receipt, { secret: key }), system: 'cashfree', key }
    },
  },
  {
    id: 'other-receipt',
    label: 'Another’s receipt',
    trap: true,
    look: 'A good receipt before a token that it was not made for. The hash in it, “ath”, says so.',
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
