import { isJsonObject } from '../../core/json.js';
import type { HookSignature } from '../../core/hooks/hook.js';
import type { DeliveryView } from './read-delivery.js';

const MAX_CHALLENGE = 1_000;

/**
 * What a sender is answered that only asks whether somebody is there; null for a delivery. Slack's `url_verification`,
 * GitHub's `ping`, and the `validationToken` of Microsoft Graph.
 */
export function findHandshake({ kind }: HookSignature, { body, headers, query }: DeliveryView): string | null {
  const fields = isJsonObject(body) ? body : {};
  if (kind === 'slack' && fields['type'] === 'url_verification') return asChallenge(fields['challenge']);
  if (kind === 'github' && headers['x-github-event'] === 'ping') return 'pong';
  return body === null ? asChallenge(query['validationToken']) : null;
}

/** The same for a GET request: of WebSub and Meta (`hub.challenge`) and of Dropbox (`challenge`). */
export function findChallenge(query: string): string | null {
  const fields = new URLSearchParams(query);
  return asChallenge(fields.get('hub.challenge') ?? fields.get('challenge'));
}

function asChallenge(value: unknown): string | null {
  return typeof value === 'string' && value !== '' && value.length <= MAX_CHALLENGE ? value : null;
}
