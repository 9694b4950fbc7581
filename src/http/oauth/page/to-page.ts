import type { OAuthDeps } from '../request/oauth-deps.js';
import { OAUTH_PATHS } from '../request/paths.js';
import { sealConsent, type Consent } from './consent-form.js';
import type { ConsentPage } from './consent-page.js';

export function toPage(consent: Consent, base: string, { oauth }: OAuthDeps, more: Partial<ConsentPage>): ConsentPage {
  const sealed = sealConsent(consent, oauth.formKey());
  const company =
    oauth.company === null
      ? null
      : { name: oauth.company.name, url: `${base}${OAUTH_PATHS.company}?${new URLSearchParams({ request: sealed })}` };
  return {
    consent,
    sealed,
    action: base + OAUTH_PATHS.authorize,
    company,
    signedIn: null,
    error: null,
    headers: {},
    ...more,
  };
}
