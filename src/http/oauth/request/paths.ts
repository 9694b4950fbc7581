/** Below the address of the server. */
export const OAUTH_PATHS = {
  authorize: '/oauth/authorize',
  token: '/oauth/token',
  register: '/oauth/register',
  revoke: '/oauth/revoke',
  keys: '/oauth/keys',
  /** Sends a person on to the company's identity provider. */
  company: '/oauth/company',
  /** Where the identity provider sends them back to. */
  callback: '/oauth/callback',
} as const;
