import type { CompanySettings } from '../../auth/oidc/company-sign-in.js';
import { ErrandError } from '../../core/errors.js';
import type { Config } from './config.js';

/** The identity provider, or null when none is set. Throws `invalid_input` when only a part of it is. */
export function readCompany(
  config: Pick<Config, 'oidcIssuer' | 'oidcClientId' | 'oidcClientSecret' | 'oidcAccess'>,
): CompanySettings | null {
  const { oidcIssuer: issuer, oidcClientId: clientId, oidcClientSecret: clientSecret, oidcAccess: access } = config;
  if (issuer === null) return null;
  const missing = [
    clientId === null ? 'ERRAND_OIDC_CLIENT_ID' : null,
    clientSecret === null ? 'ERRAND_OIDC_CLIENT_SECRET' : null,
    access.length === 0 ? 'ERRAND_OIDC_ACCESS' : null,
  ].filter((name) => name !== null);
  if (clientId !== null && clientSecret !== null && missing.length === 0) {
    return { issuer, clientId, clientSecret, access };
  }
  throw new ErrandError('invalid_input', `ERRAND_OIDC_ISSUER is set, and needs ${missing.join(' and ')} too.`);
}
