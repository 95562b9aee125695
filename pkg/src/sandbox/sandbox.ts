/**
 * The sandbox: four token systems and generic issuers, on one listener.
 *
 * @module
 */

import { cashfree } from './cashfree.js'
import type { CashfreeSandbox, CashfreeSandboxOptions } from './cashfree.js'
import { issuers } from './issuer.js'
import type { IssuerSandbox, IssuerSandboxOptions } from './issuer.js'
import { juspay } from './juspay.js'
import type { JuspaySandbox, JuspaySandboxOptions } from './juspay.js'
import { publiq } from './publiq.js'
import type { PubliqSandbox, PubliqSandboxOptions } from './publiq.js'
import { serve } from './server.js'
import { vtex } from './vtex.js'
import type { VtexSandbox, VtexSandboxOptions } from './vtex.js'

/** How the sandbox is set up. Every member may be left out. */
export interface SandboxOptions {
  /** The port preferred, 0 to 65535. Default 0: a free one, as is taken where it is busy. */
  port?: number
  /** Seconds since the Unix epoch, the time of every token. Default the system's clock. */
  clock?: () => number
  publiq?: PubliqSandboxOptions
  vtex?: VtexSandboxOptions
  juspay?: JuspaySandboxOptions
  cashfree?: CashfreeSandboxOptions
}

/** The running sandbox. */
export interface Sandbox {
  /** `http://127.0.0.1:{port}`. Each system has its base URL below it. */
  readonly origin: string
  readonly publiq: PubliqSandbox
  readonly vtex: VtexSandbox
  readonly juspay: JuspaySandbox
  readonly cashfree: CashfreeSandbox
  /**
   * Sets up a generic issuer, with keys, rotation and outages of its own.
   *
   * @throws {TypeError} If an option is unknown or cannot mean anything.
   */
  issuer(options?: IssuerSandboxOptions): IssuerSandbox
  /** Stops listening and ends the open connections. */
  close(): Promise<void>
}

/**
 * Imitates the token issuers of publiq, VTEX, Juspay and Cashfree on 127.0.0.1, for development and
 * tests: each documented path works verbatim below its system's base URL.
 *
 * Its keys are made anew at each start and its credentials are everybody's: nothing that trusts it
 * belongs in production. It speaks to nobody and writes nothing down.
 *
 * @throws {TypeError} If an option is unknown or cannot mean anything.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  refuseUnknown(options)
  const clock = options.clock ?? (() => Date.now() / 1000)
  const port = options.port ?? 0
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new TypeError('port: 0 to 65535')
  const ofJuspay = juspay(options.juspay ?? {})
  const ofCashfree = await cashfree(options.cashfree ?? {})
  const ofVtex = await vtex(options.vtex ?? {}, clock)
  const ofPubliq = await publiq(options.publiq ?? {}, clock)
  const systems = [ofPubliq.system, ofVtex.system, ofJuspay.system, ofCashfree.system]
  const generic = issuers()
  const { origin, close } = await serve(systems, port, clock, generic.answer)
  return {
    origin,
    publiq: ofPubliq.handle(origin),
    vtex: ofVtex.handle(origin),
    juspay: ofJuspay.handle(origin),
    cashfree: ofCashfree.handle(origin),
    issuer: (given = {}) => generic.create(given, origin, clock),
    close,
  }
}

function refuseUnknown(options: SandboxOptions): void {
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(MEMBERS, name)) throw new TypeError(`${name}: no such option`)
  }
  const { publiq, vtex, juspay, cashfree } = MEMBERS
  for (const [system, members] of Object.entries({ publiq, vtex, juspay, cashfree })) {
    const given = Object.entries(options).find(([name]) => name === system)?.[1]
    for (const name of Object.keys(given ?? {})) {
      if (!members.includes(name)) throw new TypeError(`${system}.${name}: no such option`)
    }
  }
}

const MEMBERS = {
  port: [],
  clock: [],
  publiq: ['environment', 'scopes', 'apis'],
  vtex: ['account'],
  juspay: ['merchantId', 'environment', 'tokenShape'],
  cashfree: ['expiryField', 'token', 'signature', 'signatureWindowSeconds', 'lifetimeSeconds'],
} satisfies Record<keyof SandboxOptions, string[]>
