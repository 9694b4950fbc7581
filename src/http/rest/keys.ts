import { createKey, listKeys, revokeKey } from '../../api/endpoints/organizations.js';
import { parseMoment } from '../../core/time/moment.js';
import { invalidInput } from '../../mcp/tool-kit/check-value.js';
import { emptyReply, jsonReply } from '../transport/replies.js';
import { idempotencyKeyOf, madeReply } from './idempotency-key.js';
import { given } from './query.js';
import { renderKey } from './render/render.js';
import type { RestRoutes } from './rest-routes.js';

export function addKeys(routes: RestRoutes): void {
  const { services } = routes.deps;
  routes.add(listKeys, async ({ caller, query }) =>
    jsonReply({ keys: (await services.listKeys(caller, given(query))).map(renderKey) }),
  );
  routes.add(createKey, async ({ exchange, caller, body }) => {
    const { name, scopes = ['run'], expires_at, organization } = await body();
    const expiresAt = toMoment(expires_at);
    const { key, apiKey, created } = await services.createKey(caller, {
      name,
      scopes,
      ...idempotencyKeyOf(exchange),
      ...(expiresAt === null ? {} : { expiresAt }),
      ...given({ organization }),
    });
    return madeReply({ ...renderKey(apiKey), key }, created);
  });
  routes.add(revokeKey, async ({ caller, query, param }) => {
    await services.revokeKey(caller, { ...given(query), keyId: param('id') });
    return emptyReply(204);
  });
}

const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

function toMoment(text: string | null | undefined): number | null {
  if (text === null || text === undefined) return null;
  const at = RFC_3339.test(text) ? parseMoment(text) : null;
  if (at !== null) return at;
  const message = 'must be an RFC 3339 time by the year 9999, such as 2027-01-31T12:00:00Z';
  throw invalidInput("The body's fields", [{ path: '/expires_at', message }]);
}
