import { getCredits, listCreditMovements } from '../../../api/endpoints/organizations.js';
import { isUuid } from '../../../core/text/uuid.js';
import { jsonReply } from '../../transport/replies.js';
import { given, readBefore } from '../query.js';
import { renderMovement } from '../render/render.js';
import type { RestRoutes } from '../rest-routes.js';
import { renderCredits } from '../../../core/render/render-credits.js';

export function addCredits(routes: RestRoutes): void {
  const { services } = routes.deps;
  routes.add(getCredits, async ({ caller, query }) =>
    jsonReply(renderCredits(await services.getCredits(caller, given(query)))),
  );
  routes.add(listCreditMovements, async ({ caller, query }) => {
    const { organization, limit, offset, before } = query;
    const movements = await services.listCreditMovements(caller, {
      ...given({ organization }),
      limit,
      ...readBefore(before, (text) => (isUuid(text) ? text : null)),
      offset,
    });
    return jsonReply({ movements: movements.map(renderMovement) });
  });
}
