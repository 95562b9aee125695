// @ts-check
/**
 * Reads files that are dropped or opened: a key or a token.
 *
 * @module
 */

import { byId } from './dom.js'

/** The largest file that is read. Key sets are far smaller. */
const MAX_BYTES = 1_048_576

/**
 * @param {{ input: HTMLTextAreaElement, key: HTMLTextAreaElement, changed: () => void }} page
 */
export function startDrops({ input, key, changed }) {
  const read = async (/** @type {File | undefined} */ file, /** @type {HTMLTextAreaElement} */ field) => {
    if (file === undefined || file.size > MAX_BYTES) return
    field.value = (await file.text()).trim()
    changed()
  }
  dropOn(byId('key-drop', HTMLElement), (file) => read(file, key))
  dropOn(/** @type {HTMLElement} */ (input.parentElement), (file) => read(file, input))
  const opener = byId('key-file', HTMLInputElement)
  opener.addEventListener('change', async () => {
    await read(opener.files?.[0], key)
    opener.value = ''
  })
  // A file that is dropped elsewhere must not replace the page.
  for (const name of ['dragover', 'drop']) document.addEventListener(name, (event) => event.preventDefault())
}

/**
 * @param {HTMLElement} element
 * @param {(file: File | undefined) => Promise<void>} take
 */
function dropOn(element, take) {
  element.addEventListener('dragover', () => element.classList.add('dropping'))
  element.addEventListener('dragleave', () => element.classList.remove('dropping'))
  element.addEventListener('drop', (event) => {
    element.classList.remove('dropping')
    const files = event.dataTransfer?.files
    if (files === undefined || files.length === 0) return
    event.preventDefault()
    void take(files[0])
  })
}
