// @ts-check
/**
 * The token systems that can be chosen, and what each asks to be filled in.
 *
 * What a system requires is the package's to say (`profiles`); here stands only how to ask for its options.
 *
 * @module
 */

/**
 * One thing to fill in. `part` says whose it is: the policy's, or the request's (which is never shared).
 *
 * @typedef {object} Field
 * @property {string} name
 * @property {string} label
 * @property {'policy' | 'request'} part
 * @property {string} value What it holds at first.
 * @property {string} [hint]
 * @property {readonly (readonly [value: string, label: string])[]} [choices] Makes it a choice.
 * @property {boolean} [lines] Several lines.
 */

/**
 * @typedef {Readonly<Record<string, string>>} Values What was filled in, by name. '' is nothing.
 */

/**
 * A policy as it is written: a profile with its options, members beside it, or members alone.
 *
 * @typedef {{ profile?: { name: ProfileName, options: Record<string, unknown> }, members: Record<string, unknown> }} Plan
 */

/** @typedef {'juspay' | 'cashfree' | 'vtex' | 'publiq' | 'accessToken'} ProfileName */

/**
 * @typedef {object} System
 * @property {string} label
 * @property {string} about What to know about it, in a sentence.
 * @property {readonly Field[]} fields
 * @property {(values: Values) => Plan} plan
 * @property {(values: Values) => Record<string, unknown>} expected What one request is about.
 */

/** Narrowing that every system takes. @type {readonly Field[]} */
const NARROWING = [
  {
    name: 'leewaySeconds',
    label: 'Leeway, seconds',
    part: 'policy',
    value: '',
    hint: 'How far the issuer’s clock may be off. 0 unless you say so, 300 at most.',
  },
  {
    name: 'maxAgeSeconds',
    label: 'Maximal age, seconds',
    part: 'policy',
    value: '',
    hint: 'Since “iat”, whatever “exp” says.',
  },
]

/** @type {readonly (readonly [string, string])[]} */
const ENVIRONMENTS = [
  ['sandbox', 'Sandbox'],
  ['production', 'Production'],
]

/** @type {Readonly<Record<string, System>>} */
export const SYSTEMS = {
  juspay: {
    label: 'Juspay',
    about:
      'Client auth tokens are opaque: the receipt of the backend that obtained one vouches for it, for one order or customer.',
    fields: [
      { name: 'merchantId', label: 'Merchant', part: 'policy', value: 'acme' },
      { name: 'environment', label: 'Environment', part: 'policy', value: 'sandbox', choices: ENVIRONMENTS },
      {
        name: 'kind',
        label: 'Kind',
        part: 'policy',
        value: 'order',
        choices: [
          ['order', 'Order'],
          ['customer', 'Customer'],
        ],
      },
      { name: 'id', label: 'The request’s order or customer', part: 'request', value: '14183944763' },
      ...NARROWING,
    ],
    plan: (values) => planOf('juspay', values, ['merchantId', 'environment', 'kind']),
    expected: ({ kind, id = '' }) => ({
      bind: { [kind === 'customer' ? 'customer_id' : 'order_id']: id === '' ? null : id },
    }),
  },
  cashfree: {
    label: 'Cashfree',
    about:
      'Tokens for its SDK are opaque; their expiry is told in India’s time. A receipt binds one to its verification request.',
    fields: [
      { name: 'appId', label: 'App', part: 'policy', value: 'app_id_for_vkyc' },
      { name: 'environment', label: 'Environment', part: 'policy', value: 'sandbox', choices: ENVIRONMENTS },
      { name: 'id', label: 'The request’s vkyc_request_id', part: 'request', value: '249749' },
      ...NARROWING,
    ],
    plan: (values) => planOf('cashfree', values, ['appId', 'environment']),
    expected: ({ id = '' }) => ({ bind: { vkyc_request_id: id === '' ? null : id } }),
  },
  vtex: {
    label: 'VTEX',
    about:
      'User tokens, ES256. VTEX publishes no keys, so the key is yours to bring; roles are not in the token.',
    fields: [
      { name: 'account', label: 'Account', part: 'policy', value: 'mystore' },
      {
        name: 'audience',
        label: 'This route is for',
        part: 'policy',
        value: 'admin',
        choices: [
          ['admin', 'Admin'],
          ['webstore', 'Webstore'],
        ],
      },
      ...NARROWING,
    ],
    plan: (values) => planOf('vtex', values, ['account', 'audience']),
    expected: () => ({}),
  },
  publiq: {
    label: 'publiq',
    about:
      'Access tokens, RS256, of Auth0 and Keycloak. Access goes by API name; scopes are of an earlier time.',
    fields: [
      {
        name: 'environment',
        label: 'Environment',
        part: 'policy',
        value: 'test',
        choices: [
          ['test', 'Test'],
          ['acceptance', 'Acceptance'],
          ['production', 'Production'],
        ],
      },
      {
        name: 'api',
        label: 'API',
        part: 'policy',
        value: 'entry',
        hint: 'Short name, e.g. entry, sapi, ups.',
      },
      {
        name: 'scope',
        label: 'Scope',
        part: 'policy',
        value: '',
        hint: 'E.g. https://api.publiq.be/auth/uitpas',
      },
      {
        name: 'tokens',
        label: 'Whose tokens',
        part: 'policy',
        value: 'any',
        choices: [
          ['any', 'Anyone’s'],
          ['client', 'Clients’'],
          ['user', 'Users’'],
        ],
      },
      {
        name: 'issuedBy',
        label: 'Issued by',
        part: 'policy',
        value: 'auth0',
        choices: [
          ['auth0', 'Auth0, as documented'],
          ['keycloak', 'Keycloak too'],
        ],
      },
      ...NARROWING,
    ],
    plan: (values) => planOf('publiq', values, ['environment', 'api', 'scope', 'tokens', 'issuedBy']),
    expected: () => ({}),
  },
  accessToken: {
    label: 'RFC 9068',
    about: 'JWT access tokens as the standard has them: typ at+jwt, an issuer, an audience, a client.',
    fields: [
      { name: 'issuer', label: 'Issuer', part: 'policy', value: 'https://issuer.example/' },
      { name: 'audience', label: 'Audience', part: 'policy', value: 'https://api.example/' },
      {
        name: 'scope',
        label: 'Scope',
        part: 'policy',
        value: '',
        hint: 'Every word required, separated by spaces.',
      },
      ...NARROWING,
    ],
    plan: (values) => planOf('accessToken', values, ['issuer', 'audience', 'scope']),
    expected: () => ({}),
  },
  custom: {
    label: 'Own policy',
    about:
      'A policy in your words. An issuer and an audience left empty are written as null: not checked, on purpose.',
    fields: [
      {
        name: 'issuer',
        label: 'Issuer',
        part: 'policy',
        value: '',
        hint: 'The “iss” you accept, to the letter. Several: one a line.',
        lines: true,
      },
      { name: 'audience', label: 'Audience', part: 'policy', value: '', hint: 'Your own name in “aud”.' },
      {
        name: 'scope',
        label: 'Scope',
        part: 'policy',
        value: '',
        hint: 'Every word required, separated by spaces.',
      },
      {
        name: 'algorithms',
        label: 'Algorithms',
        part: 'policy',
        value: '',
        hint: 'E.g. ES256 RS256. Empty: what the key allows.',
      },
      { name: 'typ', label: 'Type', part: 'policy', value: '', hint: 'Required “typ”, e.g. at+jwt.' },
      {
        name: 'bind',
        label: 'Bound to',
        part: 'request',
        value: '',
        hint: 'What the request is about, e.g. order_id=14183944763, one a line.',
        lines: true,
      },
      ...NARROWING,
    ],
    plan: (values) => ({ members: { ...ownPolicy(values), ...narrowing(values) } }),
    expected: boundTo,
  },
  receipt: {
    label: 'Own receipts',
    about: 'Opaque tokens of any system that your backend countersigns. Only a receipt vouches for one.',
    fields: [
      {
        name: 'issuer',
        label: 'Issuer',
        part: 'policy',
        value: '',
        hint: 'Who countersigned, as the receipt’s “iss” has it.',
      },
      { name: 'audience', label: 'Audience', part: 'policy', value: '', hint: 'Your own name in “aud”.' },
      {
        name: 'scope',
        label: 'Scope',
        part: 'policy',
        value: '',
        hint: 'Every word required, separated by spaces.',
      },
      {
        name: 'bind',
        label: 'Bound to',
        part: 'request',
        value: '',
        hint: 'What the request is about, e.g. order_id=14183944763, one a line.',
        lines: true,
      },
      ...NARROWING,
    ],
    plan: (values) => ({ members: { ...ownPolicy(values), evidence: 'receipt', ...narrowing(values) } }),
    expected: boundTo,
  },
}

/**
 * What a system's fields hold at first.
 *
 * @param {string} system
 * @returns {Record<string, string>}
 */
export function defaultsOf(system) {
  return Object.fromEntries(systemOf(system).fields.map(({ name, value }) => [name, value]))
}

/**
 * @param {string} system
 * @returns {System}
 */
export function systemOf(system) {
  const found = Object.hasOwn(SYSTEMS, system) ? SYSTEMS[system] : undefined
  return found ?? /** @type {System} */ (SYSTEMS['custom'])
}

/**
 * @param {ProfileName} name
 * @param {Values} values
 * @param {readonly string[]} members
 * @returns {Plan}
 */
function planOf(name, values, members) {
  const options = members
    .map((member) => [member, values[member]?.trim() ?? ''])
    .filter(([, value]) => value !== '')
  return { profile: { name, options: Object.fromEntries(options) }, members: narrowing(values) }
}

/** @param {Values} values */
function narrowing(values) {
  /** @type {Record<string, number>} */
  const members = {}
  for (const { name } of NARROWING) {
    const text = values[name]?.trim() ?? ''
    if (text !== '') members[name] = Number(text)
  }
  return members
}

/** @param {Values} values */
function ownPolicy({ issuer = '', audience = '', scope = '', algorithms = '', typ = '', bind = '' }) {
  const one = (/** @type {string} */ text) => {
    const lines = text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '')
    return lines.length === 0 ? null : lines.length === 1 ? lines[0] : lines
  }
  const words = algorithms.split(/[\s,]+/).filter((word) => word !== '')
  return {
    issuer: one(issuer),
    audience: one(audience),
    ...(scope.trim() === '' ? {} : { scope: scope.trim() }),
    ...(words.length === 0 ? {} : { algorithms: words }),
    ...(typ.trim() === '' ? {} : { typ: typ.trim() }),
    ...(bind.trim() === '' ? {} : { bind: pairs(bind).map(([name]) => name) }),
  }
}

/**
 * @param {Values} values
 * @returns {Record<string, unknown>}
 */
function boundTo({ bind = '' }) {
  return bind.trim() === '' ? {} : { bind: Object.fromEntries(pairs(bind)) }
}

/**
 * `name=value` lines.
 *
 * @param {string} text
 * @returns {[string, string | null][]}
 */
function pairs(text) {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  return lines.map((line) => {
    const [name = '', ...rest] = line.split('=')
    const value = rest.join('=').trim()
    return [name.trim(), value === '' ? null : value]
  })
}
