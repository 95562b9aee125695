// @ts-check
/**
 * Writes the transcripts from what the built package prints.
 *
 * @module
 */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { FOLDER, inFolder, names, read, shell, transcript } from './transcripts.js'

await inFolder(async (folder) => {
  for (const name of names()) {
    const all = []
    for (const { command } of read(name)) all.push(transcript(command, await shell(folder, command)))
    writeFileSync(join(FOLDER, name), all.join('\n'))
  }
})
