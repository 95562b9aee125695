// @ts-check
/**
 * Elements, made without ever parsing HTML: text from a token can only become text.
 *
 * @module
 */

/** @typedef {Node | string | number | null | undefined | false} Child */

/**
 * Makes an element.
 *
 * @param {string} tag Its name, and classes after dots: `p.hint`.
 * @param {Record<string, unknown>} [attributes] A function becomes a listener of the event named; `true` an empty
 * attribute; `false`, null and undefined none.
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
 * Replaces what an element holds.
 *
 * @param {Element} element
 * @param {...(Child | readonly Child[])} children
 */
export function fill(element, ...children) {
  element.replaceChildren()
  append(element, children)
}

/**
 * The element with this id, of this class.
 *
 * @template {Element} T
 * @param {string} id
 * @param {{ new (): T }} type
 * @returns {T}
 * @throws {Error} If the page has none: page and script do not fit.
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
