/**
 * The inlined core, unpacked: base64 of a module that was packed with LZMA (`pkg/build/unpacker`).
 *
 * @module
 */

/** The octets of a page of WebAssembly's memory. */
const PAGE = 65_536

/** What some runtimes have for base64 besides `atob`. */
interface Decoders {
  Uint8Array: { fromBase64?(text: string): Uint8Array<ArrayBuffer> }
  Buffer?: { from(text: string, encoding: 'base64'): Uint8Array<ArrayBuffer> }
}

/** What the module that unpacks exports. */
interface Unpacker {
  readonly memory: WebAssembly.Memory
  /** Returns the address of what was packed in `length` octets at `address`; 0 if they are damaged. */
  unpack(address: number, length: number): number
}

/**
 * Unpacks a module.
 *
 * @param unpacker The module that unpacks, base64.
 * @param packed What it unpacks, base64; its first four octets are the length of the module.
 * @throws {Error} When a character was changed since the build: the message says so.
 * @throws {WebAssembly.CompileError} When the runtime forbids compiling.
 */
export function unpacked(unpacker: string, packed: string): Uint8Array<ArrayBuffer> {
  const octets = decoded(packed)
  const instance = new WebAssembly.Instance(new WebAssembly.Module(decoded(unpacker)))
  const { memory, unpack } = instance.exports as unknown as Unpacker
  const start = memory.grow(Math.ceil(octets.length / PAGE)) * PAGE
  new Uint8Array(memory.buffer).set(octets, start)
  const address = unpack(start, octets.length)
  if (address === 0) throw damaged()
  const length = new DataView(octets.buffer, octets.byteOffset).getUint32(0, true)
  return new Uint8Array(memory.buffer as ArrayBuffer, address, length)
}

function damaged(cause?: unknown): Error {
  return new Error(
    'The WebAssembly inlined in countersign is damaged: its checksum differs. A tool has changed text of ' +
      'countersign/dist/core/generated/bytes.js, or a file is incomplete. Install the package again.',
    { cause },
  )
}

/**
 * Decodes base64 with the fastest function that the runtime has.
 *
 * Measured on 1.3 million characters in Node 20: `Buffer` 0.7 ms, `atob` and a loop 12 ms, `Uint8Array.from` with a
 * function ten times that. Bundlers that replace a free `Buffer` do not change a member of `globalThis`.
 *
 * @throws {Error} As {@link unpacked}.
 */
function decoded(base64: string): Uint8Array<ArrayBuffer> {
  const { Uint8Array: octets, Buffer: buffer } = globalThis as unknown as Decoders
  // Named before it is called: a ReferenceError says which global an environment hides.
  const fromText = octets.fromBase64 === undefined && buffer === undefined ? atob : undefined
  try {
    if (octets.fromBase64 !== undefined) return octets.fromBase64(base64)
    if (buffer !== undefined) return buffer.from(base64, 'base64')
    const binary = fromText === undefined ? '' : fromText(base64)
    const bytes = new Uint8Array(binary.length)
    for (let index = 0; index < bytes.length; index += 1) bytes[index] = binary.charCodeAt(index)
    return bytes
  } catch (cause) {
    throw damaged(cause)
  }
}
