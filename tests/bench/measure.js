// @ts-check
/**
 * Times contestants against each other, in rounds in turn. Runs unbuilt in every runtime.
 *
 * @module
 */

/**
 * A contestant: `units` returns new inputs each time it is called; `run` processes one of them, and is timed.
 *
 * @typedef {{
 *   name: string, units: () => readonly unknown[], run: (unit: any) => unknown, isAsync: boolean, each?: number
 * }} Contestant `each`: the number of items in one unit; the report is per item.
 *
 * @typedef {{ rounds: number, milliseconds: number, warmUp: number, clock: 'processor' | 'wall' }} Effort
 * Rounds that count; how long a contestant's turn is, and how long it is run before the first.
 *
 * @typedef {{ name: string, microseconds: number[], wall: number[] }} Timing For each round, the time of one thing.
 */

/** Units that are laid out before the clock starts. */
const HAND = 512

/**
 * @param {readonly Contestant[]} contestants
 * @param {Effort} effort
 * @returns {Promise<Timing[]>} In the order of the contestants.
 */
export async function measure(contestants, { rounds, milliseconds, warmUp, clock }) {
  const read = clockOf(clock)
  /** @type {number[]} */
  const turns = []
  for (const contestant of contestants) {
    let times = 1
    let { wall } = await turn(contestant, times, read)
    for (let spent = wall; spent < warmUp * 1000; spent += wall) {
      times *= 2
      wall = (await turn(contestant, times, read)).wall
    }
    turns.push(Math.max(1, Math.round((milliseconds * 1000 * times) / Math.max(wall, 1))))
  }
  /** @type {Timing[]} */
  const timings = contestants.map(({ name }) => ({ name, microseconds: [], wall: [] }))
  const random = generator(20_261_122)
  // The first round is a rehearsal: what was made ready one after the other meets the others.
  for (let round = -1; round < rounds; round += 1) {
    for (const index of shuffled(contestants.length, random)) {
      const contestant = /** @type {Contestant} */ (contestants[index])
      const { spent, wall, things } = await turn(contestant, turns[index] ?? 1, read)
      if (round < 0) continue
      timings[index]?.microseconds.push(spent / things)
      timings[index]?.wall.push(wall / things)
    }
  }
  return timings
}

/** @typedef {() => { spent: number, wall: number }} Clock In microseconds. */

/**
 * `times` times through all of the contestant's units, a hand at a time; making the units is not timed.
 *
 * @param {Contestant} contestant
 * @param {number} times
 * @param {Clock} read
 */
async function turn({ units, run, isAsync, each = 1 }, times, read) {
  let spent = 0
  let wall = 0
  let things = 0
  for (let left = times; left > 0; ) {
    /** @type {unknown[]} */
    const hand = []
    for (; left > 0 && hand.length * each < HAND; left -= 1) hand.push(...units())
    const before = read()
    if (isAsync) {
      for (const unit of hand) sink(await run(unit))
    } else {
      for (const unit of hand) sink(run(unit))
    }
    const after = read()
    spent += after.spent - before.spent
    wall += after.wall - before.wall
    things += hand.length * each
  }
  return { spent, wall, things }
}

let sum = 0

/** Uses a result, so that the engine cannot remove its computation as dead code. @param {unknown} value */
function sink(value) {
  sum = (sum + Number(value)) | 0
}

/** @param {Effort['clock']} clock @returns {Clock} */
function clockOf(clock) {
  const wall = () => performance.now() * 1000
  if (clock === 'wall') {
    return () => {
      const now = wall()
      return { spent: now, wall: now }
    }
  }
  return () => {
    const { user, system } = process.cpuUsage()
    return { spent: user + system, wall: wall() }
  }
}

/** Numbers from 0 to 1, the same ones in every run (a linear congruential generator). @param {number} seed */
function generator(seed) {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** @param {number} length @param {() => number} random @returns {number[]} */
function shuffled(length, random) {
  const order = Array.from({ length }, (_, index) => ({ index, at: random() }))
  return order.sort((a, b) => a.at - b.at).map(({ index }) => index)
}
