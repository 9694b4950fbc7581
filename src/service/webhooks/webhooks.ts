import { ErrandError, isErrandError, type Problem } from '../../core/errors.js';
import type { SecretBox } from '../../core/ports/secret-box.js';
import type { Principal } from '../../core/tenant/principal.js';
import { holdsPassword } from '../../core/text/holds-password.js';
import { isUuid } from '../../core/text/uuid.js';
import {
  MAX_WEBHOOK_NAME,
  MAX_WEBHOOK_URL,
  MAX_WEBHOOKS,
  type Webhook,
  type WebhookSettings,
} from '../../core/webhooks/webhook.js';
import { findWorkflow } from '../catalog/workflows.js';
import type { InOrganization } from '../interface/in-organization.js';
import type { CreateWebhookParams, OneWebhookParams, WebhookWithSecret } from '../interface/webhooks.js';
import { type Change, recordChange } from '../audit/record-change.js';
import { webhookView } from '../audit/views.js';
import type { WebhookRegistry } from '../state/webhook-registry.js';
import type { ServiceDeps } from '../use-case/deps.js';
import { makeOnce } from '../use-case/make-once.js';
import { refuseProblems } from '../use-case/refuse-problems.js';
import { requireScope } from '../use-case/require-scope.js';
import { resolveOrganization } from '../use-case/resolve-organization.js';
import { callbacksIdOf } from './delivery-writer.js';
import { newSigningSecret, openSigningSecret, sealSigningSecret, validSecrets } from './signing.js';
import { giveUpAll } from './write-many.js';

const MAX_KEPT_OLD_MS = 30 * 86_400_000;

export async function createWebhook(
  deps: ServiceDeps,
  caller: Principal,
  params: CreateWebhookParams,
): Promise<WebhookWithSecret & { readonly created: boolean }> {
  requireScope(caller, 'manage');
  const { box, registry } = requireWebhooks(deps);
  const { id: organizationId } = await resolveOrganization(deps.store, caller, params);
  const settings = checkSettings(deps, { ...caller, organizationId }, params.settings);
  const now = deps.clock.now();
  const owner = { id: deps.newId(), organizationId };
  const webhook: Webhook = {
    ...settings,
    ...owner,
    kind: 'webhook',
    disabledBecause: null,
    secrets: [sealSigningSecret(box, newSigningSecret(), owner, now)],
    createdAt: now,
    updatedAt: now,
  };
  const { made, created } = await makeOnce(deps, {
    organizationId: caller.organizationId,
    key: params.idempotencyKey,
    asked: ['create webhook', organizationId, { ...settings, events: [...settings.events] }],
    made: webhook,
    record: async (tx) => {
      if ((await tx.webhooks.list({ organizationId })).length >= MAX_WEBHOOKS)
        throw new ErrandError('conflict', `An organization has at most ${MAX_WEBHOOKS} webhooks. Delete some first.`);
      await tx.webhooks.insert(webhook);
      await recordChange(tx, deps, caller, { ...changeOf('create', webhook), after: webhookView(webhook) });
    },
    recall: (id) => deps.store.webhooks.get({ organizationId, id }),
  });
  await registry.changed();
  return { webhook: made, secret: newestSecret(box, made), created };
}

export async function listWebhooks(
  deps: ServiceDeps,
  caller: Principal,
  params: InOrganization,
): Promise<readonly Webhook[]> {
  requireScope(caller, 'manage');
  const { id: organizationId } = await resolveOrganization(deps.store, caller, params);
  return (await deps.store.webhooks.list({ organizationId })).filter(({ kind }) => kind === 'webhook');
}

/** One answer for webhooks that do not exist and webhooks of other organizations. */
export async function getWebhook(deps: ServiceDeps, caller: Principal, params: OneWebhookParams): Promise<Webhook> {
  requireScope(caller, 'manage');
  const { id: organizationId } = await resolveOrganization(deps.store, caller, params);
  const { webhookId: id } = params;
  const found = isUuid(id) ? await deps.store.webhooks.get({ organizationId, id }) : null;
  if (found === null) throw missing();
  return found;
}

export async function updateWebhook(
  deps: ServiceDeps,
  caller: Principal,
  params: OneWebhookParams & { readonly changes: Partial<WebhookSettings> },
): Promise<Webhook> {
  const before = await getOwn(deps, caller, params);
  const { id, organizationId, kind, secrets, createdAt, disabledBecause } = before;
  const settings = checkSettings(deps, { ...caller, organizationId }, { ...settingsOf(before), ...params.changes });
  const own = { id, organizationId, kind, secrets, createdAt, updatedAt: deps.clock.now() };
  const isEnabledAnew = settings.enabled && !before.enabled;
  const after = { ...settings, ...own, disabledBecause: isEnabledAnew ? null : disabledBecause };
  const views = { before: webhookView(before), after: webhookView(after) };
  return change(deps, caller, after, { ...changeOf('update', after), ...views });
}

export async function deleteWebhook(deps: ServiceDeps, caller: Principal, params: OneWebhookParams): Promise<void> {
  const { registry } = requireWebhooks(deps);
  const webhook = await getOwn(deps, caller, params);
  const { id, organizationId } = webhook;
  await deps.store.transaction(async (tx) => {
    if (await tx.webhooks.delete({ id, organizationId }))
      await recordChange(tx, deps, caller, { ...changeOf('delete', webhook), before: webhookView(webhook) });
  });
  // No more are written for it.
  await registry.changed();
  await giveUpAll(deps.store.deliveries, { organizationId, webhookId: id, at: deps.clock.now() });
}

export async function rotateWebhookSecret(
  deps: ServiceDeps,
  caller: Principal,
  params: OneWebhookParams & { readonly keepOldForMs: number },
): Promise<WebhookWithSecret> {
  const { box } = requireWebhooks(deps);
  const { keepOldForMs } = params;
  if (!(keepOldForMs >= 0 && keepOldForMs <= MAX_KEPT_OLD_MS)) {
    const problem = { path: '/keep_old_for_seconds', message: `must be from 0 to ${MAX_KEPT_OLD_MS / 1_000}` };
    refuseProblems('webhook', [problem]);
  }
  const before = await getWebhook(deps, caller, params);
  const now = deps.clock.now();
  const secret = newSigningSecret();
  const old = before.secrets.slice(0, 1).map((each) => ({ ...each, expiresAt: now + keepOldForMs }));
  const secrets = [sealSigningSecret(box, secret, before, now), ...(keepOldForMs === 0 ? [] : old)];
  const after = { ...before, secrets, updatedAt: now };
  const what = { ...changeOf('rotate_secret', after), after: { keep_old_for_seconds: keepOldForMs / 1_000 } };
  return { webhook: await change(deps, caller, after, what), secret };
}

export async function getCallbackSecret(
  deps: ServiceDeps,
  caller: Principal,
  params: InOrganization,
): Promise<WebhookWithSecret> {
  requireScope(caller, 'manage');
  const { box } = requireWebhooks(deps);
  const { id: organizationId } = await resolveOrganization(deps.store, caller, params);
  const webhook = await ensureCallbacks(deps, organizationId);
  return { webhook, secret: newestSecret(box, webhook) };
}

/** Makes sure that an organization has a secret for callbacks. */
export async function ensureCallbacks(
  deps: Pick<ServiceDeps, 'store' | 'clock' | 'webhooks'>,
  organizationId: string,
): Promise<Webhook> {
  const { box } = requireWebhooks(deps);
  const owner = { id: callbacksIdOf(organizationId), organizationId };
  const found = await deps.store.webhooks.get(owner);
  if (found !== null) return found;
  const now = deps.clock.now();
  const webhook: Webhook = {
    ...owner,
    kind: 'callbacks',
    name: 'callbacks',
    url: '',
    events: [],
    workflowId: null,
    enabled: true,
    disabledBecause: null,
    secrets: [sealSigningSecret(box, newSigningSecret(), owner, now)],
    createdAt: now,
    updatedAt: now,
  };
  try {
    await deps.store.webhooks.insert(webhook);
    return webhook;
  } catch (error) {
    // Somebody else was faster.
    const other = isErrandError(error) && error.code === 'conflict' ? await deps.store.webhooks.get(owner) : null;
    if (other === null) throw error;
    return other;
  }
}

/** What is wrong with an address that messages are to go to; null for nothing. */
export function findUrlProblem(url: string): string | null {
  const isWeb = URL.canParse(url) && ['http:', 'https:'].includes(new URL(url).protocol);
  if (!isWeb) return 'must be an http or https address';
  if (url.length > MAX_WEBHOOK_URL) return `must have at most ${MAX_WEBHOOK_URL} characters`;
  return holdsPassword(url) ? 'must hold no user and no password: messages are signed instead' : null;
}

export function requireWebhooks({ webhooks }: Pick<ServiceDeps, 'webhooks'>): {
  readonly box: SecretBox;
  readonly registry: WebhookRegistry;
} {
  if (webhooks === undefined) throw new ErrandError('not_configured', 'This server has no webhooks.');
  return webhooks;
}

/** One that a person has made. */
export async function getOwn(deps: ServiceDeps, caller: Principal, params: OneWebhookParams): Promise<Webhook> {
  const found = await getWebhook(deps, caller, params);
  if (found.kind !== 'webhook') throw missing();
  return found;
}

async function change(deps: ServiceDeps, caller: Principal, webhook: Webhook, what: Change): Promise<Webhook> {
  await deps.store.transaction(async (tx) => {
    if (!(await tx.webhooks.update(webhook))) throw missing();
    await recordChange(tx, deps, caller, what);
  });
  const { registry } = requireWebhooks(deps);
  await registry.changed();
  registry.tell();
  return webhook;
}

function changeOf(
  what: 'create' | 'update' | 'delete' | 'rotate_secret',
  { id, organizationId }: Webhook,
): Pick<Change, 'organizationId' | 'action' | 'target'> {
  return { organizationId, action: `webhook.${what}`, target: { kind: 'webhook', id } };
}

function newestSecret(box: SecretBox, webhook: Webhook): string {
  const [newest] = validSecrets(webhook, 0);
  if (newest === undefined) throw new ErrandError('internal', `The webhook ${webhook.id} has no secret.`);
  return openSigningSecret(box, newest, webhook);
}

function settingsOf({ name, url, events, workflowId, enabled }: Webhook): WebhookSettings {
  return { name, url, events, workflowId, enabled };
}

/** `caller`: in the organization whose the webhook is. */
function checkSettings(deps: ServiceDeps, caller: Principal, settings: WebhookSettings): WebhookSettings {
  const name = settings.name.trim();
  const url = settings.url.trim();
  const problems: Problem[] = [];
  const urlProblem = findUrlProblem(url);
  if (urlProblem !== null) problems.push({ path: '/url', message: urlProblem });
  if (name === '' || name.length > MAX_WEBHOOK_NAME)
    problems.push({ path: '/name', message: `must have 1 to ${MAX_WEBHOOK_NAME} characters` });
  if (settings.events.length === 0) problems.push({ path: '/events', message: 'must name at least one' });
  refuseProblems('webhook', problems);
  if (settings.workflowId !== null) findWorkflow(deps, caller, settings.workflowId);
  return { ...settings, name, url, events: [...new Set(settings.events)] };
}

function missing(): ErrandError {
  return new ErrandError('not_found', 'There is no webhook with this id.');
}
