// @ts-check
/** The command line: transcripts of what it prints, and what a transcript cannot show. */

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, createWriteStream, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { startSandbox } from 'countersign/sandbox'
import { claims, FILES, HOSTILE, hs256, SECRET } from './cli/files.js'
import { inFolder, names, PROGRAM, read, shell, transcript } from './cli/transcripts.js'

const POLICY = '--issuer https://issuer.example --audience https://api.example'

const HMAC = `${POLICY} --secret-file secret.txt --at 1700000000`

/** Signatures of the tokens in the files. */
const SIGNATURES = Object.values(FILES).flatMap((text) =>
  [...text.matchAll(/eyJ[\w-]+\.[\w-]+\.([\w-]{40,})/g)].map(([, signature = '']) => signature),
)

for (const name of names()) {
  test(`the command line gives what its transcript says: ${name}`, () =>
    inFolder(async (folder) => {
      for (const { command, text } of read(name)) {
        const ended = await shell(folder, command)
        assert.equal(transcript(command, ended), text)
        const printed = ended.stdout + ended.stderr
        assert.doesNotMatch(
          printed,
          /[\p{Cf}\p{Zl}\p{Zp}\x00-\x09\x0b-\x1f\x7f-\x9f]/u,
          `${command} prints a control character`,
        )
        assert.ok(!printed.includes(SECRET) && !printed.includes('hunter2'), `${command} prints a secret`)
        for (const signature of SIGNATURES) assert.ok(!printed.includes(signature), `${command} prints a signature`)
      }
    }))
}

test('the README’s examples of the command line print what it says', () =>
  inFolder(async (folder) => {
    const readme = readFileSync(join(dirname(PROGRAM), '..', '..', 'README.md'), 'utf8')
    const examples = [...readme.matchAll(/^```console\n\$ (countersign .*)\n([^]*?)^```$/gm)]
    assert.ok(examples.length >= 3)
    for (const [, command = '', printed] of examples) {
      assert.equal((await shell(folder, `${command} 2>&1`)).stdout, printed, command)
    }
  }))

test('the transcripts have tokens whose signatures could be printed', () => assert.ok(SIGNATURES.length >= 10))

test('the help of every command fits a screen of 24 lines and 80 columns', () => {
  for (const command of ['', 'inspect', 'verify', 'keys', 'explain', 'countersign', 'sandbox']) {
    const { stdout, status } = spawnSync(process.execPath, [PROGRAM, ...command.split(' ').filter(Boolean), '--help'], {
      encoding: 'utf8',
    })
    const lines = stdout.trimEnd().split('\n')
    assert.equal(status, 0)
    assert.ok(lines.length >= 10 && lines.length <= 24, `${command}: ${lines.length} lines`)
    for (const line of lines) assert.ok([...line].length <= 80, `${command}: ${line}`)
  }
})

/** Names each attempt to use the network on stderr, and lets it fail. */
const GUARD = `
import dgram from 'node:dgram'
import dns from 'node:dns'
import net from 'node:net'
const refuse = (name) => () => { process.stderr.write('NETWORK ' + name + '\\n'); throw new Error('no network') }
net.Socket.prototype.connect = refuse('connect')
net.Server.prototype.listen = refuse('listen')
dgram.createSocket = refuse('udp')
dns.lookup = refuse('lookup')
globalThis.fetch = refuse('fetch')
`

test('inspect opens no socket', () =>
  inFolder(async (folder) => {
    writeFileSync(join(folder, 'guard.mjs'), GUARD)
    const guarded = { NODE_OPTIONS: `--import=${join(folder, 'guard.mjs')}` }
    const control = await shell(folder, 'countersign keys https://issuer.example', guarded)
    assert.match(control.stderr, /^NETWORK fetch$/m, 'the guard notices what the network is used for')
    for (const { command, text } of read('inspect.txt')) {
      assert.equal(transcript(command, await shell(folder, command, guarded)), text)
    }
    const traced = 'strace -f -qq -e trace=socket,connect -o trace countersign inspect < good.txt'
    if (spawnSync('strace', ['-V']).status === 0 && (await shell(folder, traced)).code === 0) {
      assert.doesNotMatch(readFileSync(join(folder, 'trace'), 'utf8'), /AF_INET/)
    }
    if (spawnSync('unshare', ['-rn', 'true']).status === 0) {
      assert.equal((await shell(folder, 'unshare -rn countersign inspect < good.txt')).code, 0)
    }
  }))

test('no entry of the library reaches a module of the command line', () => {
  const manifest = createRequire(import.meta.url).resolve('countersign/package.json')
  const { exports } = JSON.parse(readFileSync(manifest, 'utf8'))
  /** @param {unknown} value @returns {string[]} */
  const targets = (value) =>
    typeof value === 'string'
      ? [value]
      : Object.entries(Object(value)).flatMap(([name, one]) => (name === 'types' ? [] : targets(one)))
  const seen = new Set(
    Object.entries(exports)
      .filter(([name]) => name !== './cli')
      .flatMap(([, value]) => targets(value))
      .filter((path) => path.endsWith('.js'))
      .map((path) => join(dirname(manifest), path)),
  )
  for (const path of seen) {
    const imported = readFileSync(path, 'utf8').matchAll(/(?:from |require\(|import )['"](\.[^'"]+\.js)['"]/g)
    for (const [, specifier = ''] of imported) seen.add(join(dirname(path), specifier))
  }
  assert.ok(seen.size > 20)
  assert.deepEqual(
    [...seen].filter((path) => path.includes(join('dist', 'cli', '/'))),
    [],
  )
})

test('keys are found through the metadata of an issuer, at a URL, and again when they have changed', () =>
  inFolder(async (folder) => {
    const sandbox = await startSandbox()
    try {
      const issuer = sandbox.issuer({ audience: 'https://api.example' })
      const policy = `--issuer ${issuer.issuer} --audience https://api.example`
      const token = issuer.mint()
      writeFileSync(join(folder, 'token'), token)
      const discovered = await shell(folder, `countersign verify ${policy} --discover < token`)
      assert.equal(discovered.code, 0, discovered.stderr)
      assert.equal(JSON.parse(discovered.stdout).iss, issuer.issuer)
      assert.ok(!(discovered.stdout + discovered.stderr).includes(token.split('.')[2] ?? ''))
      assert.equal((await shell(folder, `countersign verify ${policy} --jwks ${issuer.jwksUri} -q < token`)).code, 0)
      assert.equal(
        (await shell(folder, `countersign verify ${policy} --jwks ${issuer.jwksUri} --lines < token`)).code,
        0,
      )
      for (const place of [issuer.issuer, issuer.jwksUri]) {
        const listed = await shell(folder, `countersign keys ${place}`)
        assert.equal(listed.code, 0, listed.stderr)
        assert.match(listed.stdout, /: 1 key, 1 usable; answered now, to be\scached for 1 minute\.$/m)
        assert.match(listed.stdout, /usable +for RS256$/m)
      }
      const metadata = await shell(folder, `countersign keys ${issuer.metadataUrl}`)
      assert.deepEqual([metadata.code, /give the issuer instead/.test(metadata.stderr)], [1, true])
      issuer.rotate({ keep: false })
      assert.equal((await shell(folder, `countersign verify ${policy} --discover -q < token`)).code, 1)
      issuer.publish({ keys: [] })
      assert.equal((await shell(folder, `countersign keys ${issuer.issuer}`)).code, 1)
      assert.equal((await shell(folder, `countersign verify ${policy} --discover -q < token`)).code, 3)
      issuer.publish('<html>')
      assert.equal((await shell(folder, `countersign keys ${issuer.jwksUri}`)).code, 3)
      issuer.fail(503)
      assert.equal((await shell(folder, `countersign keys ${issuer.issuer}`)).code, 3)
    } finally {
      await sandbox.close()
    }
  }))

test('a key set that does not answer leaves a token without a verdict, in time', (t) =>
  inFolder(async (folder) => {
    /** @type {import('node:net').Socket[]} */
    const sockets = []
    const server = createServer(() => {})
      .on('connection', (socket) => sockets.push(socket))
      .listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`
    try {
      const start = performance.now()
      const ended = await shell(folder, `countersign verify ${POLICY} --jwks ${url} < good.txt`)
      t.diagnostic(`without an answer: exit ${ended.code} after ${((performance.now() - start) / 1000).toFixed(1)} s`)
      assert.equal(ended.code, 3)
      assert.match(ended.stderr, /^no verdict: keys_unavailable$/m)
      const quick = [
        `verify --issuer ${url} --no-audience --discover < good.txt`,
        `verify ${POLICY} --jwks ${url} --lines < good.txt`,
        `explain ${POLICY} --jwks ${url} < good.txt`,
        `keys ${url}`,
      ]
      for (const command of quick) {
        const [name = '', ...rest] = command.split(' ')
        assert.equal((await shell(folder, `countersign ${name} --timeout 0.3 ${rest.join(' ')}`)).code, 3, command)
      }
    } finally {
      for (const socket of sockets) socket.destroy()
      server.close()
    }
  }))

/** Lines of the stream of tokens. */
const LINES = 100_000

test('100,000 lines are verified in order', (t) =>
  inFolder(async (folder) => {
    const file = createWriteStream(join(folder, 'many.txt'))
    for (let line = 1; line <= LINES; line += 1) {
      file.write(`${hs256(claims({ jti: `token-${line}`, ...(line % 10 === 0 ? { aud: 'other' } : {}) }))}\r\n`)
    }
    file.end()
    await once(file, 'finish')
    const command = `countersign verify ${HMAC} --lines < many.txt > verdicts.txt`
    const start = performance.now()
    const ended = await shell(folder, command)
    t.diagnostic(`${Math.round(LINES / ((performance.now() - start) / 1000))} lines a second, start included`)
    assert.equal(ended.code, 1)
    assert.match(ended.stderr, /^90000 accepted, 10000 refused$/m)
    let line = 0
    for await (const text of createInterface({ input: createReadStream(join(folder, 'verdicts.txt')) })) {
      line += 1
      const verdict = JSON.parse(text)
      assert.equal(verdict.line, line)
      if (line % 10 === 0) assert.equal(verdict.code, 'claim_mismatch')
      else assert.equal(verdict.claims.jti, `token-${line}`)
    }
    assert.equal(line, LINES)
  }))

test('a line of any length is one line, and is not kept', () =>
  inFolder(async (folder) => {
    writeFileSync(join(folder, 'long.txt'), `${'x'.repeat(9_000_000)}\n${hs256(claims())}\n${'eyJ.'.repeat(1_000_000)}`)
    const ended = await shell(folder, `countersign verify ${HMAC} --lines < long.txt`)
    const verdicts = ended.stdout
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text))
    assert.deepEqual(
      verdicts.map(({ line, ok, code }) => [line, ok, code]),
      [
        [1, false, 'token_too_large'],
        [2, true, undefined],
        [3, false, 'token_too_large'],
      ],
    )
    for (const command of ['inspect', `verify ${POLICY} --secret-file secret.txt`]) {
      assert.equal((await shell(folder, `countersign ${command} < long.txt`)).code, 1, command)
    }
  }))

test('a reader that stops reading ends the command without a verdict and without a stack', () =>
  inFolder(async (folder) => {
    writeFileSync(join(folder, 'many.txt'), `${hs256(claims())}\n`.repeat(20_000))
    const command =
      `{ countersign verify ${HMAC} --lines -q < /dev/null; } ; ` +
      `{ countersign verify ${HMAC} --lines < many.txt; echo $? > code; } | head -n 1`
    const ended = await shell(folder, command)
    assert.equal(ended.stdout.split('\n').length, 2)
    assert.doesNotMatch(ended.stderr, /EPIPE|at |Error/)
    assert.equal(readFileSync(join(folder, 'code'), 'utf8').trim(), '3')
  }))

test('the secret is in no argument of the process', { skip: !existsSync('/proc/self/cmdline') }, () =>
  inFolder(async (folder) => {
    const args = `verify ${HMAC}`.split(' ')
    const child = spawn(process.execPath, [PROGRAM, ...args], { cwd: folder })
    const commandLine = readFileSync(`/proc/${child.pid}/cmdline`, 'utf8')
    child.stdin.end(hs256(claims()))
    const [code] = await once(child, 'close')
    assert.equal(code, 0)
    assert.ok(commandLine.includes('--secret-file') && !commandLine.includes(SECRET))
  }),
)

test(
  'colour is for terminals: not with NO_COLOR, always with FORCE_COLOR',
  { skip: spawnSync('script', ['--version']).status !== 0 },
  () =>
    inFolder(async (folder) => {
      const csi = '\u001b['
      const inTerminal = (/** @type {Record<string, string>} */ env) =>
        shell(folder, "script -qec 'countersign inspect < good.txt' /dev/null < /dev/null", { TERM: 'xterm', ...env })
      assert.ok((await inTerminal({})).stdout.includes(csi))
      assert.ok(!(await inTerminal({ NO_COLOR: '1' })).stdout.includes(csi))
      assert.ok(!(await inTerminal({ TERM: 'dumb' })).stdout.includes(csi))
      assert.ok((await shell(folder, 'countersign inspect < good.txt', { FORCE_COLOR: '1' })).stdout.includes(csi))
    }),
)

test('what a token says moves no cursor, at any width and with colours', () =>
  inFolder(async (folder) => {
    for (const columns of ['1', '40', '80', '120', '100000', 'x']) {
      for (const file of ['hostile.txt', 'hostile-ok.txt', 'garbage.txt']) {
        const ended = await shell(folder, `countersign inspect < ${file}`, { COLUMNS: columns, FORCE_COLOR: '1' })
        // What is left after this program's own marks.
        const printed = `${ended.stdout}${ended.stderr}`.replace(/\u001b\[(?:1|2|22|31|32|33|36|39)m/g, '')
        assert.doesNotMatch(printed, /[\p{Cf}\p{Zl}\p{Zp}\x00-\x09\x0b-\x1f\x7f-\x9f]/u)
        assert.ok(!printed.includes(HOSTILE))
      }
    }
  }))

test('sandbox prints issuers that the other commands use, until it is interrupted', () =>
  inFolder(async (folder) => {
    const child = spawn(process.execPath, [PROGRAM, 'sandbox', '--port', '0', '--alg', 'ES256', '--audience', 'a'], {
      cwd: folder,
    })
    let printed = ''
    child.stdout.setEncoding('utf8').on('data', (text) => (printed += text))
    while (!printed.includes('Cashfree  ')) await once(child.stdout, 'data')
    const issuer = /^Issuer {4}(\S+)$/m.exec(printed)?.[1]
    writeFileSync(join(folder, 'token'), /^ {2}token {5}(\S+)$/m.exec(printed)?.[1] ?? '')
    const ended = await shell(
      folder,
      `countersign verify --issuer ${issuer} --audience a --alg ES256 --discover < token`,
    )
    assert.equal(ended.code, 0, ended.stderr)
    child.kill('SIGTERM')
    const [code] = await once(child, 'close')
    assert.equal(code, 0)
  }))
