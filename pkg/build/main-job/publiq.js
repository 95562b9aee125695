// @ts-check
/**
 * publiq's tokens of three eras, and what they are refused for.
 *
 * @module
 */

import { profiles, Verifier } from 'countersign'

import { jwkSet, publiqKeycloakToken, publiqToken } from './obtain.js'
import { afterExpiry, claimOf, tamperedWith } from './token.js'

/** @typedef {import('./job.js').Job} Job */
/** @typedef {Parameters<typeof profiles.publiq>[0]} PubliqOptions */

const UITPAS = 'https://api.publiq.be/auth/uitpas'

/**
 * @param {import('countersign/sandbox').Sandbox} sandbox
 * @returns {Promise<Job[]>}
 */
export async function publiqJobs({ publiq }) {
  const [auth0, keycloak] = await Promise.all([jwkSet(publiq.jwksUrls.auth0), jwkSet(publiq.jwksUrls.keycloak)])
  return [
    job({
      system: 'publiq, by scope',
      obtained: 'POST /oauth/token, scope',
      shows: 'auth/uitpas',
      token: await publiqToken(publiq, UITPAS),
      keys: auth0,
      options: { environment: 'test', scope: UITPAS },
      beyond: { scope: 'https://api.publiq.be/auth/uitdatabank-entry' },
      elsewhere: { environment: 'production' },
    }),
    job({
      system: 'publiq, by API',
      obtained: 'POST /oauth/token',
      shows: 'API entry',
      token: await publiqToken(publiq),
      keys: auth0,
      options: { environment: 'test', api: 'entry' },
      beyond: { api: 'other' },
      elsewhere: { environment: 'production' },
    }),
    job({
      system: 'publiq, Keycloak',
      obtained: 'POST …/openid-connect/token',
      shows: 'API entry',
      token: await publiqKeycloakToken(publiq),
      keys: keycloak,
      options: { environment: 'test', api: 'entry', issuedBy: 'keycloak' },
      beyond: { api: 'other' },
      elsewhere: { issuedBy: 'auth0' },
    }),
  ]
}

/**
 * @param {object} from
 * @param {string} from.system
 * @param {string} from.obtained
 * @param {string} from.shows
 * @param {string} from.token
 * @param {import('countersign').JwkSet} from.keys
 * @param {PubliqOptions} from.options
 * @param {Partial<PubliqOptions>} from.beyond What the token does not allow.
 * @param {Partial<PubliqOptions>} from.elsewhere Where its issuer is not the one.
 * @returns {Job}
 */
function job({ system, obtained, shows, token, keys, options, beyond, elsewhere }) {
  const under = (/** @type {Partial<PubliqOptions>} */ changes) =>
    new Verifier({ profile: profiles.publiq({ ...options, ...changes }), keys })
  const verifier = under({})
  const longer = tamperedWith(token, 'exp', Number(claimOf(token, 'exp')) + 86_400)
  return {
    system,
    obtained,
    shows,
    token,
    verifier,
    refusals: [
      ['expired', 'token_expired', () => verifier.tryVerify(token, afterExpiry(token))],
      ['tampered with', 'signature_invalid', () => verifier.tryVerify(longer)],
      ['wrong audience', 'claim_mismatch', () => under({ audience: 'https://other.example' }).tryVerify(token)],
      ['wrong scope', 'scope_insufficient', () => under(beyond).tryVerify(token)],
      ['wrong issuer', 'claim_mismatch', () => under(elsewhere).tryVerify(token)],
    ],
  }
}
