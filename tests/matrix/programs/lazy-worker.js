// As Nitro's preset for Workers does: the package is evaluated inside the first request.
export default {
  async fetch(request) {
    const { probe } = await import('./probe.js')
    return new Response(probe(await request.text()))
  },
}
