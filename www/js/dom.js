// @ts-check
/**
 * Functions that make elements without parsing HTML, so that text from a token is always text.
 *
 * @module
 */

/** @typedef {Node | string | number | null | undefined | false} Child */

/**
 * Makes an element.
 *
 * @param {string} tag Its name, then its classes after dots: `p.hint`.
 * @param {Record<string, unknown>} [attributes] A function is added as a listener of the event with that
 * name; `true` is an empty attribute; `false`, null and undefined add nothing.
 * @param {...(Child | readonly Child[])} children
 * @returns {HTMLElement}
 */
export function h(tag, attributes = {}, ...children) {
  const [name = 'div', ...classes] = tag.split('.')
  const element = document.createElement(name)
  if (classes.length > 0) element.className = classes.join(' ')
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue
    if (typeof value === 'function') element.addEventListener(key, /** @type {EventListener} */ (value))
    else if (key === 'value') Object.assign(element, { value })
    else element.setAttribute(key, value === true ? '' : String(value))
  }
  append(element, children)
  return element
}

/**
 * Replaces the children of an element.
 *
 * @param {Element} element
 * @param {...(Child | readonly Child[])} children
 */
export function fill(element, ...children) {
  element.replaceChildren()
  append(element, children)
}

/**
 * The element with this id and class.
 *
 * @template {Element} T
 * @param {string} id
 * @param {{ new (): T }} type
 * @returns {T}
 * @throws {Error} If there is no such element: page and script are of different versions.
 */
export function byId(id, type) {
  const element = document.getElementById(id)
  if (!(element instanceof type)) throw new Error(`The page has no #${id}`)
  return element
}

/**
 * @param {Element} element
 * @param {readonly (Child | readonly Child[])[]} children
 */
function append(element, children) {
  for (const child of children.flat()) {
    if (child === null || child === undefined || child === false) continue
    element.append(typeof child === 'number' ? String(child) : child)
  }
}
