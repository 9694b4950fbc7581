import { ErrandError } from '../../core/errors.js';
import type { Principal } from '../../core/tenant/principal.js';
import { isUuid } from '../../core/text/uuid.js';
import { type Delivery, GIVE_UP_AFTER_MS, type ListedDelivery } from '../../core/webhooks/delivery.js';
import type {
  ListWebhookDeliveriesParams,
  OneDeliveryParams,
  OneWebhookParams,
  ReplayParams,
} from '../interface/webhooks.js';
import type { ServiceDeps } from '../use-case/deps.js';
import { requireScope } from '../use-case/require-scope.js';
import { resolveOrganization } from '../use-case/resolve-organization.js';
import { newNotice } from '../outbox/new-delivery.js';
import { getOwn, getWebhook, requireWebhooks } from './webhooks.js';
import { replayAll } from './write-many.js';

/** One call replays no more. */
const MAX_REPLAYED = 10_000;

export async function testWebhook(deps: ServiceDeps, caller: Principal, params: OneWebhookParams): Promise<Delivery> {
  const webhook = await getOwn(deps, caller, params);
  const at = deps.clock.now();
  const data = { webhook_id: webhook.id };
  const delivery = newNotice({ id: deps.newId(), webhook, event: 'webhook.test', at, data });
  await deps.store.deliveries.insert(delivery);
  requireWebhooks(deps).registry.tell();
  return delivery;
}

export async function listDeliveries(
  deps: ServiceDeps,
  caller: Principal,
  params: ListWebhookDeliveriesParams,
): Promise<readonly ListedDelivery[]> {
  requireScope(caller, 'manage');
  const { organization, ...rest } = params;
  const { id: organizationId } = await resolveOrganization(
    deps.store,
    caller,
    organization === undefined ? {} : { organization },
  );
  return deps.store.deliveries.list({ ...rest, organizationId });
}

/** One answer for deliveries that do not exist and deliveries of other organizations. */
export async function getDelivery(deps: ServiceDeps, caller: Principal, params: OneDeliveryParams): Promise<Delivery> {
  requireScope(caller, 'manage');
  const { id: organizationId } = await resolveOrganization(deps.store, caller, params);
  const { deliveryId: id } = params;
  const found = isUuid(id) ? await deps.store.deliveries.get({ organizationId, id }) : null;
  if (found === null) throw new ErrandError('not_found', 'There is no delivery with this id.');
  return found;
}

export async function replayDelivery(
  deps: ServiceDeps,
  caller: Principal,
  params: OneDeliveryParams,
): Promise<Delivery> {
  const { id, organizationId, state } = await getDelivery(deps, caller, params);
  const replayed = state !== 'pending' && (await deps.store.deliveries.replay({ organizationId, id, ...anew(deps) }));
  if (!replayed) throw new ErrandError('conflict', 'The delivery is pending: it is tried again by itself.');
  requireWebhooks(deps).registry.tell();
  return getDelivery(deps, caller, params);
}

export async function replayDeliveries(deps: ServiceDeps, caller: Principal, params: ReplayParams): Promise<number> {
  const { id: webhookId, organizationId } = await getWebhook(deps, caller, params);
  const { state, since, until } = params;
  const times = { since: since ?? 0, until: until ?? Number.MAX_SAFE_INTEGER };
  const asked = { organizationId, webhookId, state, ...times, ...anew(deps), limit: MAX_REPLAYED };
  const count = await replayAll(deps.store.deliveries, asked);
  requireWebhooks(deps).registry.tell();
  return count;
}

function anew({ clock }: ServiceDeps): { readonly dueAt: number; readonly givesUpAt: number } {
  const now = clock.now();
  return { dueAt: now, givesUpAt: now + GIVE_UP_AFTER_MS };
}
