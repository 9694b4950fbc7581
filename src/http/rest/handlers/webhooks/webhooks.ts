import {
  createWebhook,
  deleteWebhook,
  getCallbackSecret,
  getDelivery,
  getWebhook,
  listDeliveries,
  listWebhooks,
  replayDeliveries,
  replayDelivery,
  rotateCallbackSecret,
  rotateWebhookSecret,
  testWebhook,
  updateWebhook,
} from '../../../../api/endpoints/webhooks.js';
import type { ApiWebhookFields } from '../../../../api/webhook-types.js';
import { isUuid } from '../../../../core/text/uuid.js';
import { DEFAULT_WEBHOOK_EVENTS, type WebhookSettings } from '../../../../core/webhooks/webhook.js';
import { readMoment } from '../../../../mcp/tool-kit/read-moment.js';
import { emptyReply, jsonReply } from '../../../transport/replies.js';
import { idempotencyKeyOf, madeReply } from '../../idempotency-key.js';
import { given, readBefore } from '../../query.js';
import {
  renderDelivery,
  renderDeliveryWithPayload,
  renderSecrets,
  renderWebhook,
} from '../../render/render-webhook.js';
import type { RestRoutes } from '../../rest-routes.js';

/** How long a secret that is replaced is signed with too, when nothing is said. */
const KEEP_OLD_SECONDS = 86_400;

export function addWebhooks(routes: RestRoutes): void {
  const { services } = routes.deps;
  routes.add(listWebhooks, async ({ caller, query }) => {
    const webhooks = await services.listWebhooks(caller, given(query));
    return jsonReply({ webhooks: webhooks.map(renderWebhook) });
  });
  routes.add(createWebhook, async ({ exchange, caller, body }) => {
    const { organization, ...fields } = await body();
    const settings = { ...DEFAULTS, name: hostOf(fields.url), url: fields.url, ...readFields(fields) };
    const params = { settings, ...given({ organization }), ...idempotencyKeyOf(exchange) };
    const { webhook, secret, created } = await services.createWebhook(caller, params);
    return madeReply({ ...renderWebhook(webhook), secret }, created);
  });
  routes.add(getWebhook, async ({ caller, query, param }) =>
    jsonReply(renderWebhook(await services.getWebhook(caller, { ...given(query), webhookId: param('id') }))),
  );
  routes.add(updateWebhook, async ({ caller, body, param }) => {
    const { organization, ...fields } = await body();
    const params = { webhookId: param('id'), changes: readFields(fields), ...given({ organization }) };
    return jsonReply(renderWebhook(await services.updateWebhook(caller, params)));
  });
  routes.add(deleteWebhook, async ({ caller, query, param }) => {
    await services.deleteWebhook(caller, { ...given(query), webhookId: param('id') });
    return emptyReply(204);
  });
  routes.add(testWebhook, async ({ caller, body, param }) => {
    const delivery = await services.testWebhook(caller, { ...(await body()), webhookId: param('id') });
    return jsonReply(renderDeliveryWithPayload(delivery), 202);
  });
  addSecrets(routes);
  addDeliveries(routes);
}

function addSecrets(routes: RestRoutes): void {
  const { services } = routes.deps;
  routes.add(rotateWebhookSecret, async ({ caller, body, param }) => {
    const { keep_old_for_seconds: seconds = KEEP_OLD_SECONDS, ...rest } = await body();
    const params = { ...rest, webhookId: param('id'), keepOldForMs: Math.round(seconds * 1_000) };
    const { webhook, secret } = await services.rotateWebhookSecret(caller, params);
    return jsonReply({ ...renderWebhook(webhook), secret });
  });
  routes.add(getCallbackSecret, async ({ caller, query }) => {
    const { webhook, secret } = await services.getCallbackSecret(caller, given(query));
    return jsonReply({ secret, secrets: renderSecrets(webhook) });
  });
  routes.add(rotateCallbackSecret, async ({ caller, body }) => {
    const { keep_old_for_seconds: seconds = KEEP_OLD_SECONDS, ...rest } = await body();
    const { webhook: before } = await services.getCallbackSecret(caller, rest);
    const params = { ...rest, webhookId: before.id, keepOldForMs: Math.round(seconds * 1_000) };
    const { webhook, secret } = await services.rotateWebhookSecret(caller, params);
    return jsonReply({ secret, secrets: renderSecrets(webhook) });
  });
}

function addDeliveries(routes: RestRoutes): void {
  const { services } = routes.deps;
  routes.add(listDeliveries, async ({ caller, query }) => {
    const { organization, webhook_id: webhookId, state, limit, before } = query;
    const page = { limit, ...readBefore(before, (text) => (isUuid(text) ? text : null)) };
    const deliveries = await services.listDeliveries(caller, { ...given({ organization, webhookId, state }), ...page });
    return jsonReply({ deliveries: deliveries.map(renderDelivery) });
  });
  routes.add(getDelivery, async ({ caller, query, param }) => {
    const delivery = await services.getDelivery(caller, { ...given(query), deliveryId: param('id') });
    return jsonReply(renderDeliveryWithPayload(delivery));
  });
  routes.add(replayDelivery, async ({ caller, body, param }) => {
    const delivery = await services.replayDelivery(caller, { ...(await body()), deliveryId: param('id') });
    return jsonReply(renderDeliveryWithPayload(delivery), 202);
  });
  routes.add(replayDeliveries, async ({ caller, body, param }) => {
    const { state = 'failed', since, until, ...rest } = await body();
    const times = { since: readMoment('since', since), until: readMoment('until', until) };
    const replayed = await services.replayDeliveries(caller, { ...rest, webhookId: param('id'), state, ...times });
    return jsonReply({ replayed }, 202);
  });
}

const DEFAULTS = { events: DEFAULT_WEBHOOK_EVENTS, workflowId: null, enabled: true } as const;

/** Those that are there. */
function readFields({ workflow_id: workflowId, ...same }: Partial<ApiWebhookFields>): Partial<WebhookSettings> {
  return { ...same, ...given({ workflowId }) };
}

/** What a webhook is called that was given no name. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host.slice(0, 100) || 'webhook' : 'webhook';
}
