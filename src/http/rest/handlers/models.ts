import {
  getUsage,
  listModelCredentials,
  listModels,
  removeModelCredential,
  setModelCredential,
  testModel,
} from '../../../api/endpoints/models.js';
import { emptyReply, jsonReply } from '../../transport/replies.js';
import { given } from '../query.js';
import { renderModelCredential, renderModels, renderModelTest, renderMonthUsage } from '../render/render-models.js';
import type { RestRoutes } from '../rest-routes.js';

export function addModels(routes: RestRoutes): void {
  const { services } = routes.deps;
  routes.add(listModels, async ({ caller, query }) =>
    jsonReply(renderModels(await services.describeModels(caller, given(query)))),
  );
  routes.add(testModel, async ({ caller, body, signal }) => {
    const params = await body();
    return jsonReply(renderModelTest(await services.testModel(caller, { ...params, signal: signal() })));
  });
  routes.add(listModelCredentials, async ({ caller, query }) => {
    const credentials = await services.listModelCredentials(caller, given(query));
    return jsonReply({ credentials: credentials.map(renderModelCredential) });
  });
  routes.add(setModelCredential, async ({ caller, body, param }) => {
    const params = { ...(await body()), provider: param('provider') };
    return jsonReply(renderModelCredential(await services.setModelCredential(caller, params)));
  });
  routes.add(removeModelCredential, async ({ caller, query, param }) => {
    await services.removeModelCredential(caller, { ...given(query), provider: param('provider') });
    return emptyReply(204);
  });
  routes.add(getUsage, async ({ caller, query }) =>
    jsonReply(renderMonthUsage(await services.getUsage(caller, given(query)))),
  );
}
