import { probe } from './probe.js'

export default {
  async fetch(request) {
    return new Response(probe(await request.text()))
  },
}
