// @ts-check
/**
 * Minification of generated JavaScript, which no one reads.
 *
 * @module
 */

/**
 * An ES module, minified, in ASCII.
 *
 * @param {string} source
 */
export async function minified(source) {
  // Installed by the set-up, which imports modules that import this one.
  const { transform } = await import('esbuild')
  const { code } = await transform(source, { minify: true, target: 'es2022', charset: 'ascii', format: 'esm' })
  return code
}
