import { ErrandError } from '../../core/errors.js';
import type { KeptEvent, ListedEvent } from '../../core/events/kept-event.js';
import type { Principal } from '../../core/tenant/principal.js';
import { isUuid } from '../../core/text/uuid.js';
import type { EventServices, ListSentEventsParams } from '../interface/events.js';
import type { ServiceDeps } from '../use-case/deps.js';
import { requireScope } from '../use-case/require-scope.js';
import { resolveOrganization } from '../use-case/resolve-organization.js';

export async function listSentEvents(
  { store }: ServiceDeps,
  caller: Principal,
  params: ListSentEventsParams,
): Promise<readonly ListedEvent[]> {
  requireScope(caller, 'manage');
  const { id: organizationId } = await resolveOrganization(store, caller, params);
  const { name = null, beforeId = null, limit } = params;
  return store.events.list({ organizationId, name, beforeId, limit });
}

/** One answer for events that are not kept any more and events of other organizations. */
export async function getSentEvent(
  { store }: ServiceDeps,
  caller: Principal,
  params: Parameters<EventServices['getSentEvent']>[1],
): Promise<ListedEvent & KeptEvent> {
  requireScope(caller, 'manage');
  const { id: organizationId } = await resolveOrganization(store, caller, params);
  const { eventId: id } = params;
  const found = isUuid(id) ? await store.events.get({ organizationId, id }) : null;
  if (found === null) throw new ErrandError('not_found', 'There is no event with this id, or it is kept no more.');
  return found;
}
