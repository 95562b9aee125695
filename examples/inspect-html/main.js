// @ts-check
// Served as npm installs it, without a bundler: the page's server maps /node_modules to the folder of that name.
import { inspect } from '/node_modules/countersign/dist/inspect/index.js'

/** @param {string} id */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id))
const field = /** @type {HTMLTextAreaElement} */ (element('token'))

field.addEventListener('input', () => {
  const { claims, time, warnings, error } = inspect(field.value.trim())
  // Text of a token is untrusted: it is set as text, never as HTML.
  element('state').textContent = error?.code ?? time?.state ?? 'opaque'
  element('claims').textContent = claims === undefined ? '' : JSON.stringify(claims, null, 2)
  element('warnings').replaceChildren(
    ...warnings.map(({ message }) => Object.assign(document.createElement('li'), { textContent: message })),
  )
})
