/**
 * Waiting for something outside the process: a key set, a store, a token endpoint.
 *
 * State may be shared between requests, promises may not: in workerd a promise that belongs to a request which has
 * ended never settles. Everything in this package that waits for something external goes through this module.
 *
 * @module
 */

/** How a run of a {@link SingleFlight} ended. */
type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown }

/** One run, as other callers see it. Plain state: no caller awaits the promise of another. */
interface Run<T> {
  /** Monotonic milliseconds. */
  readonly startedAt: number
  outcome?: Outcome<T>
}

/** The longest pause between two looks at the state of a run that another caller started. */
const POLL_MS = 25

/** In workerd: how long others wait for a run before one of them starts its own. */
const TAKEOVER_MS = 800

/** Elsewhere: how long after its timeout a run that has not ended is given up. */
const GRACE_MS = 1000

/**
 * Calls `work` and settles within `timeoutMs`, whatever `work` does: a synchronous throw is a rejection, a promise
 * that never settles is a timeout, and a rejection after the timeout is ignored.
 *
 * @param work Receives a signal that aborts at the timeout.
 * @throws What `work` throws, or a `TimeoutError`.
 */
export async function withDeadline<T>(
  work: (signal: AbortSignal) => T | PromiseLike<T>,
  timeoutMs: number,
): Promise<T> {
  const controller = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new DOMException(`no answer within ${timeoutMs / 1000} s`, 'TimeoutError')
      reject(error)
      controller.abort(error)
    }, timeoutMs)
  })
  try {
    return await Promise.race([(async () => work(controller.signal))(), timeout])
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Waits for `promise` until `signal` aborts. What the promise is about goes on.
 *
 * @throws What the promise rejects with, or the reason of the signal.
 */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | null | undefined): Promise<T> {
  if (signal === null || signal === undefined) return await promise
  let abort = (): void => {}
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort)
  })
  try {
    return await Promise.race([aborted, promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/**
 * One run at a time of an asynchronous operation, shared by all callers that ask while it is going on.
 *
 * The first caller runs it; the others poll its state with timers of their own. A run that cannot have survived
 * (in workerd: its request ended) is given up: one of those who wait starts another, and only one.
 */
export class SingleFlight<T> {
  readonly #work: (signal: AbortSignal) => Promise<T>
  readonly #timeoutMs: number
  #run: Run<T> | undefined

  /**
   * @param work Receives a signal that aborts at the timeout.
   * @param timeoutSeconds The longest that one run takes.
   */
  constructor(work: (signal: AbortSignal) => Promise<T>, timeoutSeconds: number) {
    this.#work = work
    this.#timeoutMs = timeoutSeconds * 1000
  }

  /** Whether a run is going on that may still end. */
  get isRunning(): boolean {
    return this.#current() !== undefined
  }

  /**
   * Joins the run that is going on, or starts one.
   *
   * @throws What the run threw, or a `TimeoutError`.
   */
  async run(): Promise<T> {
    let pause = 1
    for (let joined = this.#current(); joined !== undefined; joined = this.#current() ?? joined) {
      await sleep(pause)
      if (joined.outcome !== undefined) return unwrap(joined.outcome)
      if (this.#current() === undefined) break
      pause = Math.min(pause * 2, POLL_MS)
    }
    return this.#start()
  }

  async #start(): Promise<T> {
    const run: Run<T> = { startedAt: performance.now() }
    this.#run = run
    try {
      run.outcome = { ok: true, value: await withDeadline(this.#work, this.#timeoutMs) }
    } catch (error) {
      run.outcome = { ok: false, error }
    }
    if (this.#run === run) this.#run = undefined
    return unwrap(run.outcome)
  }

  /** The run that is going on; `undefined` if there is none, or if it is too old to end. */
  #current(): Run<T> | undefined {
    const run = this.#run
    if (run === undefined) return undefined
    const patience = isWorkerd() ? Math.min(TAKEOVER_MS, this.#timeoutMs) : this.#timeoutMs + GRACE_MS
    return performance.now() - run.startedAt <= patience ? run : undefined
  }
}

function unwrap<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value
  throw outcome.error
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

/** Whether this is workerd, where a promise must not be awaited by another request than the one that made it. */
export function isWorkerd(): boolean {
  return IS_WORKERD
}

const IS_WORKERD = globalThis.navigator?.userAgent === 'Cloudflare-Workers'

/** Keeps a request's context alive until a promise settles. */
export type WaitUntil = (promise: Promise<unknown>) => void

/** workerd's `waitUntil`, which acts on the request that is being handled; `undefined` elsewhere, and where it has none. */
export async function findWaitUntil(): Promise<WaitUntil | undefined> {
  if (!isWorkerd()) return undefined
  try {
    // Not a literal: bundlers do not resolve it.
    const name = 'cloudflare:workers'
    const { waitUntil }: { waitUntil?: unknown } = await import(/* @vite-ignore */ /* webpackIgnore: true */ name)
    return typeof waitUntil === 'function' ? (waitUntil as WaitUntil) : undefined
  } catch {
    return undefined
  }
}
