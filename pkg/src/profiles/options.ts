/**
 * The options of a profile, each read once.
 *
 * @module
 */

import { missingOption, mustBe, unknownOption } from '../core/mistake.js'
import type { Plain } from '../core/options.js'
import { members, snapshot } from '../core/options.js'

/** The own members of an options object, taken out one by one; a member left over is a mistake. */
export class Options {
  readonly #given: ReadonlyMap<string, Plain>
  /** The names that were asked for: the options that exist. */
  readonly #known: string[] = []

  /** @throws {TypeError} For anything but a plain object of JSON data. */
  constructor(options: unknown) {
    const found = [...members(options, 'options')]
    this.#given = new Map(found.map(([name, value]) => [name, snapshot(value, `options.${name}`)]))
  }

  /** The option called `name`, of any type. */
  take(name: string): Plain | undefined {
    this.#known.push(name)
    return this.#given.get(name)
  }

  /**
   * The option called `name`, if it is given.
   *
   * @param expected What it must be, in words.
   * @throws {TypeError} Unless it is a string that is not empty and `isFit`.
   */
  text(name: string, expected = 'a string that is not empty', isFit: Fitness = () => true): string | undefined {
    const value = this.take(name)
    if (value === undefined) return undefined
    return typeof value === 'string' && value !== '' && isFit(value) ? value : this.refuse(name, expected)
  }

  /**
   * The option called `name`, if it is given: one string or several.
   *
   * @param expected What it must be, in words.
   * @throws {TypeError} Unless each is a string that is not empty and `isFit`, and there is one.
   */
  texts(name: string, expected = STRINGS, isFit: Fitness = () => true): readonly string[] | undefined {
    const value = this.take(name)
    if (value === undefined) return undefined
    const list: readonly Plain[] = isArray(value) ? value : [value]
    const isText = (one: Plain): one is string => typeof one === 'string' && one !== '' && isFit(one)
    return list.length > 0 && list.every(isText) ? list : this.refuse(name, expected)
  }

  /** As {@link text}, for an option that may not be left out. */
  oneText(name: string, expected: string, isFit?: Fitness): string {
    return this.text(name, expected, isFit) ?? this.refuse(name, expected)
  }

  /** As {@link texts}, for an option that may not be left out. */
  someTexts(name: string, expected: string, isFit?: Fitness): readonly string[] {
    return this.texts(name, expected, isFit) ?? this.refuse(name, expected)
  }

  /** The option called `name`, one of the words of `choices`. @throws {TypeError} For any other value. */
  choice<Word extends string>(name: string, choices: readonly Word[], expected: string): Word | undefined {
    const value = this.take(name)
    if (value === undefined) return undefined
    return choices.find((word) => word === value) ?? this.refuse(name, expected)
  }

  /** The option called `name`, a boolean; false if it is left out. @throws {TypeError} For any other value. */
  flag(name: string): boolean {
    const value = this.take(name) ?? false
    return typeof value === 'boolean' ? value : this.refuse(name, 'true or false')
  }

  /**
   * Refuses the option called `name`, which is not `expected`.
   *
   * @throws {TypeError} Always. If the option was left out, the message names an option that is probably this one, misspelled.
   */
  refuse(name: string, expected: string): never {
    const isRelation = expected.startsWith('left out')
    if (this.#given.has(name)) throw isRelation ? mustBe(name, expected) : mustBe(name, expected, this.#given.get(name))
    throw missingOption(name, expected, this.#given.keys())
  }

  /** Ends the reading. @throws {TypeError} For an option that was not asked for. */
  finish(): void {
    for (const name of this.#given.keys()) if (!this.#known.includes(name)) throw unknownOption(name, this.#known)
  }
}

/** Whether a text has the form of an option. */
type Fitness = (text: string) => boolean

const STRINGS = 'a string or an array of strings, none of them empty'

function isArray(value: Plain): value is readonly Plain[] {
  return Array.isArray(value)
}
