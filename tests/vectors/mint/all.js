// @ts-check
/**
 * Mints every file of vectors.
 *
 * @module
 */

import './rfc7515.js'
import './rfc7517.js'
import './rfc7518.js'
import './rfc7519.js'
import './rfc8725.js'
import './policy.js'
import './order.js'
import './access_token.js'
import './publiq.js'
import './vtex.js'
import './receipts.js'
import './juspay.js'
import './cashfree.js'
import './dates.js'
import './hostile.js'
import './key_entries.js'
import './uses.js'
import './dpop.js'
import './rules.js'
import './profiles.js'
import './profile_policies.js'
