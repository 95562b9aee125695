// @ts-check
/**
 * Profiles of issuers: one file of cases each, all with the same kinds of refusals.
 *
 * @module
 */

import { write } from './lib.js'
import { vectors } from './profiles/common.js'

import './profiles/auth0.js'
import './profiles/keycloak.js'
import './profiles/okta.js'
import './profiles/entra.js'
import './profiles/cognito.js'
import './profiles/google.js'
import './profiles/firebase.js'
import './profiles/cloudflare-access.js'
import './profiles/google-iap.js'
import './profiles/apple.js'
import './profiles/supabase.js'
import './profiles/clerk.js'
import './profiles/shopify.js'
import './profiles/github-actions.js'
import './profiles/kubernetes.js'
import './profiles/spiffe.js'

// The modules above wait for signatures side by side: the order in which their vectors come is not always the same.
const profileOf = (/** @type {Record<string, any>} */ { name }) => name.split(':')[0]
write(
  'profiles.json',
  vectors.sort((one, other) => profileOf(one).localeCompare(profileOf(other), 'en')),
)
