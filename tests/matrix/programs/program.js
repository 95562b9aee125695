import { text } from 'node:stream/consumers'
import { probe } from './probe.js'

text(process.stdin).then((vectors) => process.stdout.write(probe(vectors)))
