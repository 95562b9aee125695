/**
 * The sandbox: four token systems and generic issuers, on one listener.
 *
 * @module
 */

import { readClock } from '../core/callback.js'
import type { CashfreeSandbox, CashfreeSandboxOptions } from './cashfree.js'
import { cashfree } from './cashfree.js'
import type { IssuerSandbox, IssuerSandboxOptions } from './issuer.js'
import { issuers } from './issuer.js'
import type { JuspaySandbox, JuspaySandboxOptions } from './juspay.js'
import { juspay } from './juspay.js'
import { readOptions } from './options.js'
import type { PubliqSandbox, PubliqSandboxOptions } from './publiq.js'
import { publiq } from './publiq.js'
import { serve } from './server.js'
import type { VtexSandbox, VtexSandboxOptions } from './vtex.js'
import { vtex } from './vtex.js'

/** How the sandbox is set up. Every member may be left out. */
export interface SandboxOptions {
  /** The port preferred, 0 to 65535. Default 0: a free one, as is taken where it is busy. */
  port?: number
  /** Seconds since the Unix epoch, the time of every token. Default the system's clock. */
  clock?: () => number
  /** Options of publiq's sandbox. */
  publiq?: PubliqSandboxOptions
  /** Options of VTEX's sandbox. */
  vtex?: VtexSandboxOptions
  /** Options of Juspay's sandbox. */
  juspay?: JuspaySandboxOptions
  /** Options of Cashfree's sandbox. */
  cashfree?: CashfreeSandboxOptions
}

/** The running sandbox. */
export interface Sandbox {
  /** `http://127.0.0.1:{port}`. Each system has its base URL below it. */
  readonly origin: string
  /** publiq's token server. */
  readonly publiq: PubliqSandbox
  /** VTEX ID. */
  readonly vtex: VtexSandbox
  /** Juspay's API. */
  readonly juspay: JuspaySandbox
  /** Cashfree's API. */
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
 * Its keys are new at each start and its credentials are published: never trust it in production.
 * It answers requests for a loopback host alone, opens no connection and writes no file.
 *
 * @throws {TypeError} If an option is unknown or has an invalid value.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const given = readOptions<SandboxOptions>(options, '', {
    port: 'any',
    clock: 'any',
    publiq: 'any',
    vtex: 'any',
    juspay: 'any',
    cashfree: 'any',
  })
  const { clock: ofCaller = () => Date.now() / 1000, port = 0 } = given
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new TypeError('port must be 0 to 65535')
  if (typeof ofCaller !== 'function') throw new TypeError('clock must be a function')
  const clock = () => readClock(ofCaller)
  const ofJuspay = juspay(given.juspay === undefined ? {} : given.juspay)
  const ofCashfree = await cashfree(given.cashfree === undefined ? {} : given.cashfree)
  const ofVtex = await vtex(given.vtex === undefined ? {} : given.vtex, clock)
  const ofPubliq = await publiq(given.publiq === undefined ? {} : given.publiq, clock)
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
