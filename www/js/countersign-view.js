// @ts-check
/**
 * The form that countersigns an opaque token, and its result: `receipt~token`.
 *
 * @module
 */

import { countersign, receipts } from 'countersign'
import { byId, fill, h } from './dom.js'
import { hex, secret } from './mint.js'
import { labelled } from './policy-form.js'

/** @typedef {Record<string, string>} Values */

/** @type {readonly import('./systems.js').Field[]} */
const FIELDS = [
  { name: 'token', label: 'Opaque token', part: 'request', value: '' },
  {
    name: 'system',
    label: 'System',
    part: 'policy',
    value: 'juspay',
    choices: [
      ['juspay', 'Juspay'],
      ['cashfree', 'Cashfree'],
      ['custom', 'Another system'],
    ],
  },
  { name: 'tenant', label: 'Merchant, app or issuer', part: 'policy', value: 'acme' },
  {
    name: 'id',
    label: 'Issued for',
    part: 'request',
    value: '14183944763',
    hint: 'The order or the verification request.',
  },
  {
    name: 'expires',
    label: 'Expires',
    part: 'request',
    value: '',
    hint: 'As its issuer wrote it. A time zone is required.',
  },
  { name: 'uses', label: 'Uses', part: 'request', value: '30' },
  { name: 'secret', label: 'Your secret', part: 'request', value: '', hint: 'Made for this page and deleted with it.' },
]

/** @type {Values} */
let values = {}

/**
 * @param {(loaded: import('./samples.js').Loaded) => void} verify Loads the result into the page.
 */
export function startCountersign(verify) {
  const form = byId('receipt-form', HTMLFormElement)
  const lay = () => {
    values = fresh()
    fill(form, ...FIELDS.map((field) => labelled(field, 'receipt', values[field.name] ?? '', change)))
    show(verify)
  }
  const change = (/** @type {string} */ name, /** @type {string} */ value) => {
    values[name] = value
    show(verify)
  }
  form.addEventListener('submit', (event) => event.preventDefault())
  lay()
  return lay
}

/** @returns {Values} */
function fresh() {
  const expires = `${new Date(Date.now() + 900_000).toISOString().slice(0, 19)}Z`
  return {
    ...Object.fromEntries(FIELDS.map(({ name, value }) => [name, value])),
    token: `tkn_${hex(32)}`,
    expires,
    secret: secret(),
  }
}

/** @param {(loaded: import('./samples.js').Loaded) => void} verify */
function show(verify) {
  const result = byId('receipt-result', HTMLElement)
  try {
    const token = countersign(values['token']?.trim() ?? '', receiptOf(values), {
      secret: values['secret'] ?? '',
    })
    const [receipt = '', opaque = ''] = [token.slice(0, token.indexOf('~')), token.slice(token.indexOf('~') + 1)]
    const copied = h('span.hint', { role: 'status' })
    fill(
      result,
      h('h3', {}, 'receipt~token'),
      h(
        'pre',
        { tabindex: 0, id: 'receipt-text' },
        h('span.ink-receipt', {}, receipt),
        '~',
        h('span.ink-opaque', {}, opaque),
      ),
      h('p.hint', {}, `${token.length} characters. Send it in place of the token.`),
      h(
        'div.buttons',
        {},
        h(
          'button.strong',
          { type: 'button', id: 'verify-receipt', click: () => verify(loadedOf(token, values)) },
          'Verify it above',
        ),
        h('button', { type: 'button', click: () => void copy(token, copied) }, 'Copy'),
        copied,
      ),
    )
  } catch (mistake) {
    if (!(mistake instanceof TypeError)) throw mistake
    fill(result, h('h3', {}, 'Not countersigned'), h('p.mistake', { role: 'alert' }, mistake.message))
  }
}

/** @param {Values} values */
function receiptOf({ system, tenant = '', id = '', expires = '', uses = '' }) {
  if (system === 'juspay')
    return receipts.juspay({
      merchantId: tenant,
      environment: 'sandbox',
      kind: 'order',
      id,
      expires,
      ...limit(uses),
    })
  if (system === 'cashfree')
    return {
      ...receipts.cashfree({ appId: tenant, environment: 'sandbox', vkycRequestId: id, expires }),
      ...limit(uses),
    }
  return { issuer: tenant, expires, bind: { id }, ...limit(uses) }
}

/** @param {string} uses */
function limit(uses) {
  return uses.trim() === '' ? {} : { uses: Number(uses) }
}

/**
 * @param {string} token
 * @param {Values} values
 * @returns {import('./samples.js').Loaded}
 */
function loadedOf(token, { system = '', tenant = '', id = '', secret: key = '' }) {
  if (system === 'juspay') return { token, system, key, values: { merchantId: tenant, id } }
  if (system === 'cashfree') return { token, system, key, values: { appId: tenant, id } }
  return { token, system: 'receipt', key, values: { issuer: tenant, bind: `id=${id}` } }
}

/**
 * Copies text to the clipboard and reports that.
 *
 * @param {string} text
 * @param {HTMLElement} status
 */
export async function copy(text, status) {
  try {
    await navigator.clipboard.writeText(text)
    status.textContent = 'Copied'
  } catch {
    status.textContent = 'The browser did not allow copying. Select the text instead.'
  }
}
