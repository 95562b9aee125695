// @ts-check
/**
 * What a trap in the core may do: refuse that token, and nothing else. For any runtime: nothing is imported.
 *
 * @module
 */

/**
 * @typedef {object} Case
 * @property {string} secret Of HS256, its octets as base64url.
 * @property {string} good A token of that secret.
 * @property {object} jwk Of ES256.
 * @property {string} other A token of that key.
 * @property {number} now
 * @property {number} length Of a token, or of the text of a published set, that makes the core trap.
 */

/** @typedef {Pick<typeof import('countersign'), 'Verifier' | 'TokenError' | 'inspect' | 'countersign'>} Package */

/** @param {string} text */
const octets = (text) =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0))

/**
 * What came out otherwise than it must.
 *
 * @param {Package} api Made ready with a core that traps at a token of that length.
 * @param {Case} given
 * @param {() => number} instances How many instances of the core there have been.
 * @returns {Promise<string[]>}
 */
export async function trapped(api, { secret, good, jwk, other, now, length }, instances) {
  const trap = 'x'.repeat(length)
  const clock = () => now
  const ANY = { issuer: null, audience: null, clock }
  /** @type {string[]} */
  const wrong = []
  /** @param {string} what @param {boolean} holds */
  const holds = (what, holds) => {
    if (!holds) wrong.push(what)
  }
  /** @param {any} outcome */
  const refused = (outcome) =>
    outcome instanceof api.TokenError &&
    outcome.ok === false &&
    outcome.code === 'token_malformed' &&
    outcome.status === 401
  /** @param {() => any} work */
  const thrown = (work) => {
    try {
      work()
      return undefined
    } catch (error) {
      return error
    }
  }
  const set = { keys: [jwk] }
  const source = { current: () => set, refresh: async () => set }
  const first = new api.Verifier({ ...ANY, keys: { secret: octets(secret) } })
  const second = new api.Verifier({ ...ANY, keys: /** @type {any} */ ({ jwk }), cache: false })
  const third = new api.Verifier({ ...ANY, keys: /** @type {any} */ (source) })
  const gone = new api.Verifier({ ...ANY, keys: { secret: octets(secret) } })
  const going = new api.Verifier({ ...ANY, keys: { secret: octets(secret) } })
  gone[Symbol.dispose ?? Symbol.for('Symbol.dispose')]?.()
  /** @param {string} when */
  const unharmed = (when) => {
    const before = JSON.stringify(first.tryVerify(good))
    holds(`${when}: the verifier itself`, first.tryVerify(good).ok && JSON.stringify(first.tryVerify(good)) === before)
    holds(`${when}: another verifier`, second.tryVerify(other).ok)
    holds(`${when}: one with a source`, third.tryVerify(other).ok)
    holds(
      `${when}: a bad token`,
      /** @type {any} */ (first.tryVerify(`${good}A`)).code !== undefined && !first.tryVerify(other).ok,
    )
    holds(
      `${when}: a fresh verifier`,
      new api.Verifier({ ...ANY, keys: { secret: octets(secret) } }).tryVerify(good).ok,
    )
    holds(`${when}: inspect`, api.inspect(good, { now }).kind === 'jws' && first.inspect(good).error === undefined)
    holds(`${when}: one disposed of`, thrown(() => gone.tryVerify(good)) instanceof TypeError)
    const receipt = api.countersign('opaque', { expires: now + 60, now, bind: { id: 'x' } }, { secret: octets(secret) })
    holds(`${when}: countersign`, receipt.endsWith('~opaque'))
  }
  unharmed('before')
  const counted = first.stats.refused
  const started = instances()
  holds('tryVerify', refused(first.tryVerify(trap)))
  holds('the trap is counted', first.stats.refused === counted + 1)
  unharmed('after tryVerify')
  holds('a new instance is built', instances() === started + 1)
  holds('verify', refused(thrown(() => first.verify(trap))))
  unharmed('after verify')
  holds('of another verifier', refused(second.tryVerify(trap)) && refused(third.tryVerify(trap)))
  unharmed('after others')
  const many = first.tryVerifyMany([good, trap, good, trap, trap, good])
  holds(
    'tryVerifyMany',
    many.map((outcome) => outcome.ok).join() === 'true,false,true,false,false,true' && refused(many[1]),
  )
  unharmed('after tryVerifyMany')
  holds(
    'verifyAsync',
    refused(
      await third.verifyAsync(trap).then(
        () => undefined,
        (error) => error,
      ),
    ),
  )
  holds('verifyAsync, after', (await third.verifyAsync(other)).ok)
  const together = await Promise.allSettled([
    third.verifyAsync(trap),
    third.verifyAsync(other),
    third.verifyAsync(trap),
    third.verifyAsync(other),
  ])
  holds('side by side', together.map(({ status }) => status).join() === 'rejected,fulfilled,rejected,fulfilled')
  for (const [way, look] of /** @type {[string, () => any][]} */ ([
    ['inspect', () => api.inspect(trap, { now })],
    ['Verifier.inspect', () => first.inspect(trap)],
  ])) {
    try {
      holds(`${way} says that it is malformed`, look().error?.code === 'token_malformed')
    } catch (error) {
      wrong.push(`${way} throws: ${error}`)
    }
    unharmed(`after ${way}`)
  }
  const text = JSON.stringify({ keys: [{ ...jwk, x5u: '' }] }).length
  const ruinous = { keys: [{ ...jwk, x5u: 'x'.repeat(length - text) }] }
  const lent = new api.Verifier({
    ...ANY,
    keys: /** @type {any} */ ([{ secret: octets(secret) }, { current: () => ruinous, refresh: async () => ruinous }]),
  })
  const earlier = instances()
  const unread = lent.tryVerify(other)
  holds('it traps', instances() > earlier)
  holds(
    'a published set that traps is as good as none',
    !unread.ok && /** @type {any} */ (unread).code === 'keys_unavailable',
  )
  holds('the keys beside it are good', lent.tryVerify(good).ok)
  unharmed('after a published set')
  first.tryVerify(trap)
  going[Symbol.dispose ?? Symbol.for('Symbol.dispose')]?.()
  holds('one disposed of after the trap', thrown(() => going.tryVerify(good)) instanceof TypeError)
  for (let again = 0; again < 50; again += 1) {
    holds('a trap again', refused(first.tryVerify(trap)))
    holds('a good token between traps', first.tryVerify(good).ok && second.tryVerify(other).ok)
  }
  unharmed('at the end')
  return [...new Set(wrong)]
}
