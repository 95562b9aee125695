const { text } = require('node:stream/consumers')
const countersign = require('countersign')
const { verdicts } = require('./verdicts.cjs')

text(process.stdin).then((vectors) => process.stdout.write(JSON.stringify(verdicts(countersign, JSON.parse(vectors)))))
