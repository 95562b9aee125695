// @ts-check
/**
 * ES modules as CommonJS: `import` becomes `require`, and the exports are the members of one object at the end.
 *
 * It is for modules as the compiler and the formatter write them, with statements of import and export at the start of a
 * line. An import is read once, when the module loads: no module of the package depends on itself, through others
 * either (`tests/architecture.rs`), and none changes what it exports.
 *
 * @module
 */

/** A statement that imports names, or one that exports those of another module. */
const FROM = /^(import|export) (?:(\{[^}]*\}|\*(?: as [\w$]+)?) from )?('[^']+');?$/gm

/** An exported declaration. */
const DECLARED = /^export ((?:async )?(?:class|const|function)\*? ([\w$]+))/gm

/** Names of the module itself that are exported. */
const LISTED = /(?<=^|[;}])export ?\{([^}]*)\};?$/gm

/**
 * @param {string} path For the error.
 * @param {string} source
 * @returns {string}
 * @throws {Error} For a statement of another form.
 */
export function commonJs(path, source) {
  const exported = /** @type {string[]} */ ([])
  const body = source
    .replace(FROM, (_, kind, names, module) => {
      const required = `require(${module})`
      if (kind === 'import') return names === undefined ? required : `const ${pattern(names)} = ${required}`
      if (names === '*') {
        exported.push(`...${required}`)
        return ''
      }
      exported.push(...membersOf(names).map(([, outside]) => outside))
      return `const ${pattern(names)} = ${required}`
    })
    .replace(DECLARED, (_, declaration, name) => {
      exported.push(name)
      return declaration
    })
    .replace(LISTED, (_, names) => {
      exported.push(...membersOf(names).map(([inside, outside]) => property(outside, inside)))
      return ''
    })
  const [other] = /^(?:import|export)\b.*|\bimport\.meta\b/m.exec(body) ?? []
  if (other !== undefined) throw new Error(`${path}: common.js does not know this statement: ${other}`)
  const end = exported.length === 0 ? '' : `\nmodule.exports = {${exported.join(', ')}}\n`
  return `'use strict'\n${body.trim()}\n${end}`
}

/** What is imported, as what an object is taken apart by. @param {string} names */
function pattern(names) {
  if (names.startsWith('*')) return names.replace('* as ', '')
  return `{${membersOf(names)
    .map(([inside, outside]) => property(inside, outside))
    .join(', ')}}`
}

/** @param {string} key @param {string} value */
const property = (key, value) => (key === value ? key : `${key}: ${value}`)

/** The pairs of names in a list: `a as b` is a and b. @param {string} list @returns {[string, string][]} */
function membersOf(list) {
  return list
    .replace(/[{}]/g, '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const [inside = '', outside = inside] = part.split(' as ')
      return [inside, outside]
    })
}
