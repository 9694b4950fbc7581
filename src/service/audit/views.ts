import type { Hook } from '../../core/hooks/hook.js';
import type { Json, JsonObject } from '../../core/json.js';
import type { Schedule } from '../../core/schedules/schedule.js';
import type { ApiKey } from '../../core/tenant/api-key.js';
import type { Grant } from '../../core/tenant/grant.js';
import type { Organization } from '../../core/tenant/organization.js';
import type { Webhook } from '../../core/webhooks/webhook.js';

/** What the trail holds of things: what decides over what they do, and nothing that is secret or somebody's own. */

export function keyView({ name, scopes, expiresAt, revokedAt }: ApiKey): Json {
  return { name, scopes: [...scopes], expires_at: expiresAt, revoked_at: revokedAt };
}

export function grantView({ clientId, clientName, subject, scopes, resources, keyId, expiresAt }: Grant): Json {
  return {
    client: clientId,
    client_name: clientName,
    subject,
    scopes: [...scopes],
    resources: [...resources],
    key: keyId,
    expires_at: expiresAt,
  };
}

export function organizationView({ slug, name, settings = {} }: Organization): JsonObject {
  return { slug, name, settings: settings as unknown as Json };
}

/** Its input may be somebody's own, and is left out. */
export function scheduleView({ name, workflowId, cron, timezone, enabled, overlap, catchUp, ...rest }: Schedule): Json {
  const { jitterMs, startsAt, endsAt } = rest;
  return {
    name,
    workflow: workflowId,
    cron,
    timezone,
    enabled,
    overlap,
    catch_up: catchUp,
    jitter_seconds: jitterMs / 1_000,
    starts_at: startsAt,
    ends_at: endsAt,
  };
}

/** Of its address the origin: the rest of one may be what lets others in. */
export function webhookView({ name, url, events, workflowId, enabled }: Webhook): Json {
  return { name, origin: url === '' ? null : new URL(url).origin, events: [...events], workflow: workflowId, enabled };
}

/** Its templates may hold somebody's own values, and are left out. */
export function hookView({ name, workflowId, event, signature, answer, enabled }: Hook): Json {
  return { name, workflow: workflowId, event: event?.name ?? null, signature: signature.kind, answer, enabled };
}

/** Yes, no and numbers as they are. What else people answer may be secret or personal, and stands in the run's log. */
export function answerView(value: Json): Json {
  return value === null || typeof value === 'boolean' || typeof value === 'number' ? value : '(given)';
}
