import { createKey, listKeys, revokeKey } from '../../../api/endpoints/organizations.js';
import { emptyReply, jsonReply } from '../../transport/replies.js';
import { idempotencyKeyOf, madeReply } from '../idempotency-key.js';
import { readMoment } from '../../../mcp/tool-kit/read-moment.js';
import { given } from '../query.js';
import { renderKey } from '../render/render.js';
import type { RestRoutes } from '../rest-routes.js';

export function addKeys(routes: RestRoutes): void {
  const { services } = routes.deps;
  routes.add(listKeys, async ({ caller, query }) =>
    jsonReply({ keys: (await services.listKeys(caller, given(query))).map(renderKey) }),
  );
  routes.add(createKey, async ({ exchange, caller, body }) => {
    const { name, scopes = ['run'], expires_at, organization } = await body();
    const expiresAt = readMoment('expires_at', expires_at);
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
