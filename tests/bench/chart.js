// @ts-check
/**
 * Draws the results of one runtime: SVG that is read on light and on dark, and on a telephone.
 *
 * @module
 */

/**
 * @typedef {import('./speed.js').Results} Results
 * @typedef {Results['places'][number]} PlaceResults
 * @typedef {{ name: string, microseconds: number, kind: 'ours' | 'peer' | 'limit' }} Bar
 * @typedef {{ title: string, bars: Bar[] }} Group
 */

const WIDTH = 420
const MARGIN = 16
const NAMES = 146
const VALUES = 64
const ROW = 20
const HEADING = 34
const TOP = 60

/** What each group is called, and who is in it under which name. */
const GROUPS = [
  { group: 'verify HS256', title: 'HS256' },
  { group: 'verify ES256', title: 'ES256' },
  { group: 'verify EdDSA', title: 'EdDSA' },
  { group: 'verify RS256', title: 'RS256' },
  { group: 'remember ES256', title: 'ES256, a token seen before' },
]

/** @type {Record<string, string>} */
const SHORT = {
  'countersign, arithmetic wasm': '… all in Wasm',
  'countersign, remembered': 'countersign',
  'fast-jwt, cache': 'fast-jwt, its cache',
  '@node-rs/jsonwebtoken': '@node-rs (native)',
  'node:crypto, JSON.parse': 'OpenSSL, no checks',
}

/** Not shown: what is no verification of a token, or a variant. */
const HIDDEN = ['node:crypto, signature alone', 'fast-jwt, cache by the whole token']

/** @param {PlaceResults} place @param {string} group @returns {Bar[]} */
function barsOf({ groups }, group) {
  const rows = groups.find(({ name }) => name === group)?.rows ?? []
  return rows
    .filter(({ name }) => !HIDDEN.includes(name) && !(group.startsWith('remember') && name === 'countersign'))
    .map(({ name, microseconds }) => ({
      name: SHORT[name] ?? name,
      microseconds: microseconds.median,
      kind: name.startsWith('countersign') ? 'ours' : name.startsWith('node:') ? 'limit' : 'peer',
    }))
}

/**
 * @param {Results} results
 * @returns {string} SVG.
 */
export function chart(results) {
  const place = shownIn(results)
  const groups = GROUPS.map(({ group, title }) => ({ title, bars: barsOf(place, group) })).filter(
    ({ bars }) => bars.length > 0,
  )
  let y = TOP
  const drawn = groups.map((group) => {
    const part = drawGroup(group, y)
    y += HEADING + group.bars.length * ROW
    return part
  })
  const height = y + 44
  const { processor, cores } = results.machine
  const box = `width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}"`
  return `<svg xmlns="http://www.w3.org/2000/svg" ${box} role="img" aria-labelledby="title description">
<title id="title">Verifications a second, countersign and others, ${place.name} ${place.version}</title>
<desc id="description">${escaped(described(groups))}</desc>
<style>
text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: #1f2328 }
.title { font-size: 17px; font-weight: 600 } .heading { font-weight: 600 } .muted { fill: #59636e }
.ours.name, .ours.value { font-weight: 600 } .value { font-variant-numeric: tabular-nums }
.card { fill: #ffffff; stroke: #d1d9e0 } rect.ours { fill: #0a7d5c } rect.peer { fill: #aeb8c2 }
rect.limit { fill: none; stroke: #818b98; stroke-dasharray: 3 2 }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc } .muted { fill: #9aa4b0 } .card { fill: #0d1117; stroke: #3d444d }
rect.ours { fill: #2bb583 } rect.peer { fill: #59626d } rect.limit { stroke: #9aa4b0 }
}
</style>
<rect class="card" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="8"/>
<text class="title" x="${MARGIN}" y="30">Verifications a second</text>
<text class="muted" x="${MARGIN}" y="50">${place.name} ${place.version}; longer is faster; each group has its own scale</text>
${drawn.join('\n')}
<text class="muted" x="${MARGIN}" y="${height - 18}">${escaped(`${results.measured}, ${processor}, ${cores} cores`)}</text>
</svg>
`
}

/** The newest Node, where every peer runs. @param {Results} results */
export function shownIn({ places }) {
  const place = places.filter(({ name }) => name === 'Node').at(-1)
  if (place === undefined) throw new Error('there are no results of Node')
  return place
}

/** @param {Group} group @param {number} top */
function drawGroup({ title, bars }, top) {
  const fastest = Math.min(...bars.map(({ microseconds }) => microseconds))
  const room = WIDTH - 2 * MARGIN - NAMES - VALUES
  const lines = bars.map(({ name, microseconds, kind }, index) => {
    const y = top + HEADING + index * ROW
    const width = Math.max(1, (room * fastest) / microseconds).toFixed(1)
    const from = MARGIN + NAMES
    return [
      `<text class="name ${kind}" x="${from - 8}" y="${y + 4}" text-anchor="end">${escaped(name)}</text>`,
      `<rect class="${kind}" x="${from}" y="${y - 6.5}" width="${width}" height="13" rx="2"/>`,
      `<text class="value ${kind}" x="${from + Number(width) + 6}" y="${y + 4}">${perSecond(microseconds)}</text>`,
    ].join('')
  })
  return `<text class="heading" x="${MARGIN}" y="${top + 16}">${escaped(title)}</text>\n${lines.join('\n')}`
}

/** @param {number} microseconds */
function perSecond(microseconds) {
  const thousands = 1000 / microseconds
  return `${thousands >= 100 ? thousands.toFixed(0) : thousands.toFixed(1)} k`
}

/** @param {readonly Group[]} groups */
function described(groups) {
  const words = (/** @type {Bar} */ { name, microseconds }) => `${name} ${perSecond(microseconds)}`
  return groups.map(({ title, bars }) => `${title}: ${bars.map(words).join(', ')}`).join('. ')
}

/** @param {string} text */
function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
