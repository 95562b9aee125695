// @ts-check
// The package by require() and by import, in one process: the same classes, and every vector gives its answer.

const assert = require('node:assert/strict')
const required = require('countersign')

/** @param {NodeJS.ReadableStream} stream */
async function read(stream) {
  let text = ''
  for await (const piece of stream) text += piece
  return text
}

async function main() {
  const imported = await import('countersign')
  for (const name of Object.keys(required).filter((key) => key !== '__esModule')) {
    assert.equal(Reflect.get(imported, name), Reflect.get(required, name), name)
  }
  const { verdicts } = await import('./verdicts.js')
  process.stdout.write(JSON.stringify(verdicts(required, JSON.parse(await read(process.stdin)))))
}

void main()
