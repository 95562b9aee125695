// @ts-check
/**
 * The token systems of the page, with the fields of each.
 *
 * The requirements of a system are in the package (`profiles`). This module only has the fields for its options.
 *
 * @module
 */

/**
 * A field. `part` is `policy` or `request`; a link never contains fields of the request.
 *
 * @typedef {object} Field
 * @property {string} name
 * @property {string} label
 * @property {'policy' | 'request'} part
 * @property {string} value Its value at first.
 * @property {string} [hint]
 * @property {readonly (readonly [value: string, label: string])[]} [choices] The options of a select element.
 * @property {boolean} [lines] Whether it has several lines.
 */

/**
 * @typedef {Readonly<Record<string, string>>} Values The values of the fields by name; '' for an empty field.
 */

/**
 * A policy: a profile with its options and further members, or members alone.
 *
 * @typedef {{ profile?: { name: ProfileName, options: Record<string, unknown> }, members: Record<string, unknown> }} Plan
 */

/** @typedef {'juspay' | 'cashfree' | 'vtex' | 'publiq' | 'accessToken' | 'auth0' | 'keycloak' | 'entra' | 'cognito'} ProfileName */

/**
 * @typedef {object} System
 * @property {string} label
 * @property {string} about A sentence about its tokens.
 * @property {readonly Field[]} fields
 * @property {(values: Values) => Plan} plan
 * @property {(values: Values) => Record<string, unknown>} expected The expectations of one request.
 */

/** Fields that every system has. @type {readonly Field[]} */
const NARROWING = [
  {
    name: 'leewaySeconds',
    label: 'Leeway, seconds',
    part: 'policy',
    value: '',
    hint: 'How far the issuer’s clock may differ from yours: 0 to 300. Empty: 0.',
  },
  {
    name: 'maxAgeSeconds',
    label: 'Maximum age, seconds',
    part: 'policy',
    value: '',
    hint: 'Since “iat”, even if “exp” is later.',
  },
]

/** @type {Field} */
const SCOPE = {
  name: 'scope',
  label: 'Scope',
  part: 'policy',
  value: '',
  hint: 'Every scope is required. Separate them with spaces.',
}

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
      'Client auth tokens are opaque. The backend that obtains one signs a receipt for it, for one order or customer.',
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
      { name: 'id', label: 'Order or customer of the request', part: 'request', value: '14183944763' },
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
      'Tokens for its SDK are opaque, with an expiry in Indian time (IST). A receipt binds one to its verification request.',
    fields: [
      { name: 'appId', label: 'App', part: 'policy', value: 'app_id_for_vkyc' },
      { name: 'environment', label: 'Environment', part: 'policy', value: 'sandbox', choices: ENVIRONMENTS },
      { name: 'id', label: 'vkyc_request_id of the request', part: 'request', value: '249749' },
      ...NARROWING,
    ],
    plan: (values) => planOf('cashfree', values, ['appId', 'environment']),
    expected: ({ id = '' }) => ({ bind: { vkyc_request_id: id === '' ? null : id } }),
  },
  vtex: {
    label: 'VTEX',
    about:
      'User tokens, signed with ES256. VTEX publishes no keys, so you have to obtain the key. The token does not contain roles.',
    fields: [
      { name: 'account', label: 'Account', part: 'policy', value: 'mystore' },
      {
        name: 'audience',
        label: 'Audience of this route',
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
      'Access tokens of Auth0 and Keycloak, signed with RS256. Access depends on the name of the API; scopes are the older way.',
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
          ['any', 'Clients and users'],
          ['client', 'Clients'],
          ['user', 'Users'],
        ],
      },
      {
        name: 'issuedBy',
        label: 'Issued by',
        part: 'policy',
        value: 'auth0',
        choices: [
          ['auth0', 'Auth0, as documented'],
          ['keycloak', 'Auth0 and Keycloak'],
        ],
      },
      ...NARROWING,
    ],
    plan: (values) => planOf('publiq', values, ['environment', 'api', 'scope', 'tokens', 'issuedBy']),
    expected: () => ({}),
  },
  accessToken: {
    label: 'RFC 9068',
    about: 'JWT access tokens of the standard (RFC 9068): the type at+jwt, an issuer, an audience, a client.',
    fields: [
      { name: 'issuer', label: 'Issuer', part: 'policy', value: 'https://issuer.example/' },
      { name: 'audience', label: 'Audience', part: 'policy', value: 'https://api.example/' },
      {
        name: 'scope',
        label: 'Scope',
        part: 'policy',
        value: '',
        hint: 'Every scope is required. Separate them with spaces.',
      },
      ...NARROWING,
    ],
    plan: (values) => planOf('accessToken', values, ['issuer', 'audience', 'scope']),
    expected: () => ({}),
  },
  auth0: {
    label: 'Auth0',
    about: 'Access tokens for an API, signed with RS256. An ID token, whose audience is a client, is refused.',
    fields: [
      {
        name: 'domain',
        label: 'Domain',
        part: 'policy',
        value: 'acme.eu.auth0.com',
        hint: 'Without https:// and slash.',
      },
      { name: 'audience', label: 'API', part: 'policy', value: 'https://api.example', hint: 'Its identifier.' },
      SCOPE,
      { name: 'permissions', label: 'Permission', part: 'policy', value: '', hint: 'One of the claim “permissions”.' },
      ...NARROWING,
    ],
    plan: (values) => planOf('auth0', values, ['domain', 'audience', 'scope', 'permissions']),
    expected: () => ({}),
  },
  keycloak: {
    label: 'Keycloak',
    about: 'Access tokens of a realm: the claim “typ” is Bearer. ID tokens and refresh tokens are refused.',
    fields: [
      { name: 'url', label: 'Server', part: 'policy', value: 'https://sso.example', hint: 'As browsers see it.' },
      { name: 'realm', label: 'Realm', part: 'policy', value: 'shop' },
      { name: 'audience', label: 'Audience', part: 'policy', value: 'orders', hint: 'In “aud”, if a mapper adds it.' },
      { name: 'client', label: 'Client', part: 'policy', value: '', hint: 'The client that asked for it, in “azp”.' },
      { name: 'roles', label: 'Role of the client', part: 'policy', value: '' },
      { name: 'realmRoles', label: 'Role of the realm', part: 'policy', value: '' },
      SCOPE,
      ...NARROWING,
    ],
    plan: (values) =>
      planOf('keycloak', values, ['url', 'realm', 'audience', 'client', 'roles', 'realmRoles', 'scope']),
    expected: () => ({}),
  },
  entra: {
    label: 'Microsoft Entra',
    about: 'Access tokens for your own API, signed with RS256. Tokens for Microsoft Graph are for Microsoft alone.',
    fields: [
      {
        name: 'tenant',
        label: 'Tenant',
        part: 'policy',
        value: '11111111-2222-4333-8444-555555555555',
        hint: 'Its id.',
      },
      {
        name: 'audience',
        label: 'API',
        part: 'policy',
        value: '66666666-7777-4888-9999-aaaaaaaaaaaa',
        hint: 'Its client id.',
      },
      {
        name: 'version',
        label: 'Version',
        part: 'policy',
        value: 'v2',
        choices: [
          ['v2', '2.0'],
          ['v1', '1.0'],
        ],
      },
      SCOPE,
      { name: 'roles', label: 'Role', part: 'policy', value: '' },
      ...NARROWING,
    ],
    plan: (values) => planOf('entra', values, ['tenant', 'audience', 'version', 'scope', 'roles']),
    expected: () => ({}),
  },
  cognito: {
    label: 'Amazon Cognito',
    about: 'Access tokens name their client in “client_id”, ID tokens in “aud”; “token_use” tells them apart.',
    fields: [
      { name: 'region', label: 'Region', part: 'policy', value: 'eu-west-1' },
      { name: 'userPoolId', label: 'User pool', part: 'policy', value: 'eu-west-1_Abc123' },
      { name: 'clientId', label: 'App client', part: 'policy', value: '1example23456789' },
      {
        name: 'use',
        label: 'Tokens',
        part: 'policy',
        value: 'access',
        choices: [
          ['access', 'Access tokens'],
          ['id', 'ID tokens'],
        ],
      },
      { name: 'groups', label: 'Group', part: 'policy', value: '' },
      ...NARROWING,
    ],
    plan: (values) => planOf('cognito', values, ['region', 'userPoolId', 'clientId', 'use', 'groups']),
    expected: () => ({}),
  },
  custom: {
    label: 'Own policy',
    about: 'Your own policy. If the issuer or the audience is empty, it is not checked.',
    fields: [
      {
        name: 'issuer',
        label: 'Issuer',
        part: 'policy',
        value: '',
        hint: 'The exact “iss” that you accept. One per line.',
        lines: true,
      },
      { name: 'audience', label: 'Audience', part: 'policy', value: '', hint: 'The name of your API in “aud”.' },
      {
        name: 'scope',
        label: 'Scope',
        part: 'policy',
        value: '',
        hint: 'Every scope is required. Separate them with spaces.',
      },
      {
        name: 'algorithms',
        label: 'Algorithms',
        part: 'policy',
        value: '',
        hint: 'E.g. ES256 RS256. Empty: those that the key allows.',
      },
      { name: 'typ', label: 'Type', part: 'policy', value: '', hint: 'Required “typ”, e.g. at+jwt.' },
      {
        name: 'bind',
        label: 'Bound to',
        part: 'request',
        value: '',
        hint: 'The resource of the request, e.g. order_id=14183944763. One per line.',
        lines: true,
      },
      ...NARROWING,
    ],
    plan: (values) => ({ members: { ...ownPolicy(values), ...narrowing(values) } }),
    expected: boundTo,
  },
  receipt: {
    label: 'Own receipts',
    about: 'Opaque tokens of any system, with a receipt that your backend signs. A token without a receipt is refused.',
    fields: [
      {
        name: 'issuer',
        label: 'Issuer',
        part: 'policy',
        value: '',
        hint: 'The “iss” of the receipt.',
      },
      { name: 'audience', label: 'Audience', part: 'policy', value: '', hint: 'The name of your API in “aud”.' },
      {
        name: 'scope',
        label: 'Scope',
        part: 'policy',
        value: '',
        hint: 'Every scope is required. Separate them with spaces.',
      },
      {
        name: 'bind',
        label: 'Bound to',
        part: 'request',
        value: '',
        hint: 'The resource of the request, e.g. order_id=14183944763. One per line.',
        lines: true,
      },
      ...NARROWING,
    ],
    plan: (values) => ({ members: { ...ownPolicy(values), evidence: 'receipt', ...narrowing(values) } }),
    expected: boundTo,
  },
}

/**
 * The first values of a system's fields.
 *
 * @param {string} system
 * @returns {Record<string, string>}
 */
export function defaultsOf(system) {
  return Object.fromEntries(systemOf(system).fields.map(({ name, value }) => [name, value]))
}

/**
 * A message of the package about the policy, with the label of the field that it is about.
 *
 * @param {string} system
 * @param {string} message
 */
export function policyMistake(system, message) {
  const [, name = '', rest = ''] = /^(\w+)[.:]? (.*)$/s.exec(message) ?? []
  const field = systemOf(system).fields.find((one) => one.name === name)
  return field === undefined ? `${message}.` : `${field.label} (${name}) ${rest}.`
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
  const options = members.map((member) => [member, values[member]?.trim() ?? '']).filter(([, value]) => value !== '')
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
