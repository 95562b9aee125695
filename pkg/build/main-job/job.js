// @ts-check
/**
 * One token, verified and refused.
 *
 * @module
 */

/** @typedef {import('countersign').Verified | import('countersign').TokenError | import('countersign').UnavailableError} Verdict */

/**
 * A token and what must become of it.
 *
 * @typedef {object} Job
 * @property {string} system
 * @property {string} obtained The request that it came from.
 * @property {string} shows The scope or the binding that it is verified for.
 * @property {string} token
 * @property {import('countersign').Verifier} verifier
 * @property {import('countersign').Expected} [expected]
 * @property {[what: string, code: string, refuse: () => Verdict][]} refusals What it must be
 *   refused for, and with which code.
 */

/**
 * @typedef {object} Outcome
 * @property {string} system
 * @property {string} obtained
 * @property {string} shows
 * @property {boolean} good Whether it was verified.
 * @property {string} verdict
 * @property {string} evidence
 * @property {number | null} secondsLeft
 * @property {number} microseconds The median of one verification.
 * @property {{ what: string, good: boolean, verdict: string }[]} refusals `good` if as expected.
 */

/** Enough for a median that stands still, and no longer than this on a slow machine. */
const RUNS = 301
const MAX_MILLISECONDS = 500

/**
 * Verifies the token of a job, has it refused, and measures.
 *
 * @param {Job} job
 * @returns {Outcome}
 */
export function settle({ system, obtained, shows, token, verifier, expected, refusals }) {
  const verdict = verifier.tryVerify(token, expected)
  const now = Date.now() / 1000
  return {
    system,
    obtained,
    shows,
    good: verdict.ok,
    verdict: verdict.ok ? 'verified' : say(verdict),
    evidence: verdict.ok ? `${verdict.key.alg} ${verdict.evidence}` : '',
    secondsLeft: verdict.ok && verdict.expiresAt !== null ? verdict.expiresAt - now : null,
    microseconds: median(() => verifier.tryVerify(token, expected)),
    refusals: refusals.map(([what, code, refuse]) => {
      const refusal = refuse()
      const good = !refusal.ok && refusal.code === code
      const status = refusal.ok ? null : refusal.status
      const text = refusal.ok ? 'accepted' : `refused ${status} ${say(refusal)}`
      return { what, good, verdict: good ? text : `${text}, not ${code}` }
    }),
  }
}

/**
 * @param {Verdict} verdict
 * @returns {string}
 */
function say(verdict) {
  if (verdict.ok) return 'verified'
  const claim = 'claim' in verdict && verdict.claim !== undefined ? ` (${verdict.claim})` : ''
  return `${verdict.code}${claim}`
}

/**
 * @param {() => unknown} work
 * @returns {number} Microseconds.
 */
function median(work) {
  const start = performance.now()
  /** @type {number[]} */
  const times = []
  while (times.length < RUNS && performance.now() - start < MAX_MILLISECONDS) {
    const before = performance.now()
    work()
    times.push(performance.now() - before)
  }
  times.sort((a, b) => a - b)
  return (times[times.length >> 1] ?? 0) * 1000
}
