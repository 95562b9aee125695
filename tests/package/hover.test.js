// @ts-check
/** Hover text: every exported declaration of the package, and every member of one, has a doc comment. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { declarations, publicDeclarations } from './declarations.js'

test('every exported declaration and every member has a doc comment', () => {
  const missing = new Set()
  for (const [entry, names] of publicDeclarations())
    for (const [name, members] of names) {
      assert.ok(members.length > 0, `${entry} exports ${name}, which is not found`)
      for (const { path, documented } of members) if (!documented) missing.add(path)
    }
  assert.deepEqual([...missing], [])
})

test('a member without a doc comment is found at any depth, in a union and in a parameter', () => {
  const text = `
/** Documented. */
export interface Options {
    /** Documented. */
    readonly one?: string;
    two(): { three: number };
    /** Documented. */
    four: {
        five: string;
        'x-six': string;
    };
    readonly never?: never;
}
export type Either = {
    /** Documented. */
    left: string;
} | {
    right: string;
};
export declare class Thing {
    #private;
    /** Documented. */
    constructor(options: Options);
    call(value: string): void;
    get size(): number;
    [Symbol.dispose](): void;
    /** Takes \`seven\`. */
    take(options: {
        seven: number;
        eight: number;
    }): void;
}
`
  const found = [...declarations(text).values()].flat().filter(({ documented }) => !documented)
  assert.deepEqual(
    found.map(({ path }) => path),
    [
      'Options.two',
      'Options.four.five',
      "Options.four.'x-six'",
      'Either',
      'Either.right',
      'Thing',
      'Thing.call',
      'Thing.size',
      'Thing.[Symbol.dispose]',
      'Thing.take.eight',
    ],
  )
})
