import { listGrants, revokeGrant } from '../../../api/endpoints/grants.js';
import { emptyReply, jsonReply } from '../../transport/replies.js';
import { given } from '../query.js';
import { renderGrant } from '../render/render.js';
import type { RestRoutes } from '../rest-routes.js';

export function addGrants(routes: RestRoutes): void {
  const { services } = routes.deps;
  routes.add(listGrants, async ({ caller, query }) =>
    jsonReply({ grants: (await services.listGrants(caller, given(query))).map(renderGrant) }),
  );
  routes.add(revokeGrant, async ({ caller, query, param }) => {
    await services.revokeGrant(caller, { ...given(query), grantId: param('id') });
    return emptyReply(204);
  });
}
