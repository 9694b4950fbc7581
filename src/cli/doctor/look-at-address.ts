import { readVersion } from '../../app/process/version.js';
import { errorMessage } from '../../core/errors.js';
import { examineOAuth } from '../oauth-doctor/examine-oauth.js';
import type { Findings } from '../../app/doctor/finding.js';

type Fetch = typeof fetch;

const ANSWER_MS = 10_000;
/** Tokens, signatures and schedules go by the clock. */
const LATE_MS = 5_000;

/** Whether a server answers there, is ready, of this version, and has the time. False: nothing more can be asked. */
export async function lookAtAnswer(
  params: { readonly url: string; readonly fetch: Fetch; readonly now: () => number },
  findings: Findings,
): Promise<boolean> {
  const { url, now } = params;
  const before = now();
  const health = await ask(params.fetch, `${base(url)}/healthz`);
  if (health.response === null || !health.response.ok) {
    const why = health.response === null ? health.error : `it answers ${health.response.status}`;
    const message = `no server answers at ${url}: ${why}. Start it (errand serve), or set ERRAND_URL or --url.`;
    findings.add('fault', 'server', message);
    return false;
  }
  const { version } = (await health.response.json().catch(() => ({}))) as { readonly version?: string };
  if (version === readVersion()) findings.add('ok', 'server', `version ${version} answers at ${url}`);
  else findings.add('warning', 'server', `it is version ${version}, and this is ${readVersion()}: use the same.`);
  const ready = await ask(params.fetch, `${base(url)}/readyz`);
  if (ready.response?.ok !== true) {
    const said = (await ready.response?.text().catch(() => '')) ?? ready.error;
    findings.add('fault', 'server', `it takes on no runs: ${said}`);
  }
  lookAtClock(health.response.headers.get('date'), { before, after: now() }, findings);
  return true;
}

function lookAtClock(
  date: string | null,
  { before, after }: { readonly before: number; readonly after: number },
  findings: Findings,
): void {
  const told = Date.parse(date ?? '');
  if (Number.isNaN(told)) return;
  // The header has whole seconds.
  const ahead = Math.max(told - after, before - (told + 1_000), 0);
  if (ahead <= LATE_MS) findings.add('ok', 'clocks', "the server's and this machine's agree");
  else {
    const message = `the server's and this machine's differ by ${Math.round(ahead / 1_000)} s. Set both by NTP.`;
    findings.add('fault', 'clocks', message);
  }
}

/** The address that clients are told, as one of them sees it; null: none is set. */
export async function lookAtPublicAddress(
  { publicUrl, fetch: fetchIt }: { readonly publicUrl: string | null; readonly fetch: Fetch },
  findings: Findings,
): Promise<void> {
  if (publicUrl === null) return;
  const { response, error } = await ask(fetchIt, `${base(publicUrl)}/healthz`);
  if (response === null || !response.ok) {
    const why = response === null ? error : `it answers ${response.status}`;
    const message = `ERRAND_PUBLIC_URL is ${publicUrl}, which does not lead here: ${why}. Look at the proxy before it.`;
    findings.add('fault', 'address', message);
    return;
  }
  const { protocol, hostname } = new URL(publicUrl);
  const isLocal = /^(localhost|127\.|\[::1\])/.test(hostname);
  if (protocol === 'https:' || isLocal) findings.add('ok', 'address', `${publicUrl} leads here`);
  else findings.add('warning', 'address', `${publicUrl} is not https: keys go over the network in the clear.`);
  const metadata = await ask(fetchIt, `${base(publicUrl)}/.well-known/oauth-protected-resource/mcp`);
  if (metadata.response?.ok !== true) return;
  const told = await examineOAuth(fetchIt, `${base(publicUrl)}/mcp`);
  for (const { kind, name, message } of told) if (kind !== 'ok') findings.add(kind, `sign-in: ${name}`, message);
  if (told.every(({ kind }) => kind === 'ok')) findings.add('ok', 'sign-in', 'all known hosts get to the page');
}

type Asked =
  { readonly response: Response; readonly error: null } | { readonly response: null; readonly error: string };

async function ask(fetchIt: Fetch, url: string): Promise<Asked> {
  try {
    return { response: await fetchIt(url, { signal: AbortSignal.timeout(ANSWER_MS) }), error: null };
  } catch (thrown) {
    const { cause } = thrown as { readonly cause?: unknown };
    return { response: null, error: errorMessage(cause ?? thrown) };
  }
}

function base(url: string): string {
  return url.replace(/\/$/, '');
}
