import { randomBytes } from 'node:crypto';
import { escapeHtml } from '../../../core/text/escape-html.js';
import type { Scope } from '../../../core/tenant/principal.js';
import type { Exchange, HeaderFields } from '../../transport/exchange.js';
import type { Consent } from './consent-form.js';

const IN_WORDS: { readonly [S in Scope]: string } = {
  read: 'See workflows, runs with their results, and credits',
  run: 'Start, cancel and repeat runs, which uses credits',
  approve: 'Answer what runs ask people, in your name',
  'workflows:write': 'Publish workflows of your organization',
  manage: 'Make and revoke API keys and sign-ins, and set keys for models',
  operate: '',
};

const STYLE = `
  body { font: 16px/1.5 system-ui, sans-serif; margin: 0; background: #f4f4f2; color: #1c1c1a; }
  main { max-width: 30rem; margin: 4rem auto; padding: 2rem; background: #fff; border: 1px solid #ddd; border-radius: 8px; }
  h1 { font-size: 1.25rem; margin-top: 0; } .host { font-weight: 600; overflow-wrap: anywhere; }
  .warning { padding: .75rem 1rem; background: #fff4d6; border: 1px solid #e0c060; border-radius: 6px; }
  .error { padding: .75rem 1rem; background: #fde8e6; border: 1px solid #d88; border-radius: 6px; }
  label { display: block; margin-bottom: .25rem; }
  input { box-sizing: border-box; width: 100%; padding: .5rem; font: inherit; border: 1px solid #888; border-radius: 4px; }
  button { margin: 1rem .5rem 0 0; padding: .5rem 1.25rem; font: inherit; border: 1px solid #888; border-radius: 4px; cursor: pointer; }
  a.button { display: inline-block; padding: .5rem 1.25rem; background: #1c1c1a; color: #fff; border-radius: 4px; text-decoration: none; }
  button.main { background: #1c1c1a; color: #fff; }
`;

export interface ConsentPage {
  readonly consent: Consent;
  readonly sealed: string;
  /** Where the form goes. */
  readonly action: string;
  /** Where a person can sign in in place of giving a key; null: nowhere. */
  readonly company: { readonly name: string; readonly url: string } | null;
  /** Who signed in; null: the page asks for a key. */
  readonly signedIn: {
    readonly organizationName: string;
    readonly subject: string;
    readonly scopes: readonly Scope[];
  } | null;
  readonly error: string | null;
  readonly headers: HeaderFields;
}

export function sendConsentPage(exchange: Exchange, page: ConsentPage, status = 200): void {
  const { consent } = page;
  const title = page.signedIn === null ? `Sign in for ${consent.clientName}` : `Allow ${consent.clientName}?`;
  const body = [
    `<h1>${escapeHtml(title)}</h1>`,
    page.error === null ? '' : `<p class="error" role="alert">${escapeHtml(page.error)}</p>`,
    describeClient(consent),
    page.signedIn === null && !consent.namesResource ? NO_RESOURCE : '',
    page.signedIn === null ? keyForm(page) : consentForm(page, page.signedIn),
  ].join('\n');
  sendPage(exchange, { title, body, status, headers: page.headers, redirectsTo: consent.redirectUri });
}

function describeClient({ clientName, clientHost, isNative, clientId }: Consent): string {
  const by = clientId.startsWith('https://')
    ? `, as <span class="host">${escapeHtml(new URL(clientId).hostname)}</span> says`
    : '';
  const where = `<p>The client calls itself <b>${escapeHtml(clientName)}</b>${by}. You will be sent back to <span class="host">${escapeHtml(clientHost)}</span>.</p>`;
  if (!isNative) return where;
  return `${where}
<p class="warning">This client runs on your own computer. Any program there can call itself by this name: go on only if you have just started to connect it yourself.</p>`;
}

/** Hosts whose key is refused find the server by its root, also from the address for keys, where no token is taken. */
const NO_RESOURCE = `<p class="warning">The client does not say which address it is for. If it was given an API key in its settings, that key is missing or not valid: correct it there, and close this page.</p>`;

function listScopes(scopes: readonly Scope[]): string {
  return `<ul>${scopes.map((scope) => `<li>${escapeHtml(IN_WORDS[scope])}</li>`).join('')}</ul>`;
}

function form({ sealed, action }: ConsentPage, inner: string): string {
  return `<form method="post" action="${escapeHtml(action)}" autocomplete="off">
<input type="hidden" name="request" value="${escapeHtml(sealed)}">
${inner}
<button name="decision" value="deny" formnovalidate>Deny</button>
</form>`;
}

function keyForm(page: ConsentPage): string {
  const inner = `<p>It asks to:</p>${listScopes(page.consent.scopes)}
<label for="key">An API key of your organization</label>
<input id="key" name="key" type="password" required autofocus autocomplete="off" spellcheck="false" maxlength="200">
<p>The client never gets the key. It gets access of its own, which ends with the key and can be revoked alone.</p>
<button class="main" name="decision" value="continue">Continue</button>`;
  return companyLink(page) + form(page, inner);
}

function companyLink({ company }: ConsentPage): string {
  if (company === null) return '';
  return `<p><a class="button" href="${escapeHtml(company.url)}">Sign in with ${escapeHtml(company.name)}</a></p>\n<p>Or with a key:</p>\n`;
}

function consentForm(page: ConsentPage, signedIn: NonNullable<ConsentPage['signedIn']>): string {
  const { organizationName, subject, scopes } = signedIn;
  const granted = page.consent.scopes.filter((scope) => scopes.includes(scope));
  const refused = page.consent.scopes.filter((scope) => !scopes.includes(scope));
  const inner = `<p>In the organization <b>${escapeHtml(organizationName)}</b> (${escapeHtml(subject)}) it may:</p>${listScopes(granted)}
${refused.length === 0 ? '' : `<p class="warning">It asks for more than you may allow. It will not be able to:</p>${listScopes(refused)}`}
<button class="main" name="decision" value="allow">Allow</button>`;
  return form(page, inner);
}

/** For what cannot be told to the client, as it is not known where it is. */
export function sendErrorPage(exchange: Exchange, message: string, status = 400, headers: HeaderFields = {}): void {
  const title = 'Signing in is not possible';
  const body = `<h1>${title}</h1>\n<p class="error" role="alert">${escapeHtml(message)}</p>`;
  sendPage(exchange, { title, body, status, headers, redirectsTo: null });
}

interface Page {
  readonly title: string;
  readonly body: string;
  readonly status: number;
  readonly headers: HeaderFields;
  readonly redirectsTo: string | null;
}

function sendPage(exchange: Exchange, { title, body, status, headers, redirectsTo }: Page): void {
  const nonce = randomBytes(16).toString('base64');
  const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">
<title>${escapeHtml(title)}</title><style nonce="${nonce}">${STYLE}</style></head>
<body><main>
${body}
</main></body></html>`;
  const fields: HeaderFields = {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': contentPolicy(nonce, redirectsTo),
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'cross-origin-opener-policy': 'same-origin',
    // Not `no-referrer`: browsers then send "null" as the origin of the form.
    'referrer-policy': 'same-origin',
    ...headers,
  };
  exchange.send(status, Object.entries(fields).flat(), html);
}

/**
 * Nothing runs and nothing is loaded. Browsers hold a form to `form-action` on redirects too, so that names the client.
 */
function contentPolicy(nonce: string, redirectsTo: string | null): string {
  const target = redirectsTo === null ? '' : ` ${formTarget(new URL(redirectsTo))}`;
  return `default-src 'none'; style-src 'nonce-${nonce}'; form-action 'self'${target}; frame-ancestors 'none'; base-uri 'none'`;
}

/** A policy can name no IPv6 address, and of an app's scheme nothing but the scheme. */
function formTarget({ protocol, origin, hostname }: URL): string {
  return protocol === 'https:' || (protocol === 'http:' && !hostname.startsWith('[')) ? origin : protocol;
}
