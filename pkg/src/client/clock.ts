/**
 * Ages, on the larger of the monotonic and the wall clock's difference.
 *
 * A wall clock that steps back changes nothing; one that steps forward only makes everything older. A process that was
 * suspended has a monotonic clock that stood still.
 *
 * @module
 */

/** One moment on both clocks, in seconds. */
export interface Moment {
  readonly monotonic: number
  readonly wall: number
}

/** The two clocks. */
export class Clock {
  readonly #wall: () => number

  /** @param wall Seconds since the Unix epoch. */
  constructor(wall: () => number) {
    this.#wall = wall
  }

  /**
   * This moment.
   *
   * @throws {TypeError} If the wall clock returns anything but a finite number.
   */
  now(): Moment {
    const wall = this.#wall()
    if (!Number.isFinite(wall)) throw new TypeError('options.clock must return seconds since the Unix epoch')
    return { monotonic: performance.now() / 1000, wall }
  }

  /** Seconds since `moment`. */
  age(moment: Moment): number {
    const now = this.now()
    return Math.max(now.monotonic - moment.monotonic, now.wall - moment.wall)
  }
}
