// Vectors in, verdicts out, as JSON text.
import * as countersign from 'countersign'
import { verdicts } from './verdicts.js'

export const probe = (text) => JSON.stringify(verdicts(countersign, JSON.parse(text)))
