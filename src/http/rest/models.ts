import {
  getUsage,
  listModelCredentials,
  listModels,
  removeModelCredential,
  setModelCredential,
  testModel,
} from '../../api/endpoints/models.js';
import { requestSignal } from '../pipeline/app-deps.js';
import { emptyResponse, jsonResponse } from '../transport/responses.js';
import { given } from './query.js';
import { renderModelCredential, renderModels, renderModelTest, renderMonthUsage } from './render/render-models.js';
import type { RestRoutes } from './rest-routes.js';

export function addModels(routes: RestRoutes): void {
  const { services } = routes.deps;
  routes.add(listModels, async ({ caller, query }) =>
    jsonResponse(renderModels(await services.describeModels(caller, given(query)))),
  );
  routes.add(testModel, async ({ c, caller, body }) => {
    const params = await body();
    return jsonResponse(renderModelTest(await services.testModel(caller, { ...params, signal: requestSignal(c) })));
  });
  routes.add(listModelCredentials, async ({ caller, query }) => {
    const credentials = await services.listModelCredentials(caller, given(query));
    return jsonResponse({ credentials: credentials.map(renderModelCredential) });
  });
  routes.add(setModelCredential, async ({ caller, body, param }) => {
    const params = { ...(await body()), provider: param('provider') };
    return jsonResponse(renderModelCredential(await services.setModelCredential(caller, params)));
  });
  routes.add(removeModelCredential, async ({ caller, query, param }) => {
    await services.removeModelCredential(caller, { ...given(query), provider: param('provider') });
    return emptyResponse(204);
  });
  routes.add(getUsage, async ({ caller, query }) =>
    jsonResponse(renderMonthUsage(await services.getUsage(caller, given(query)))),
  );
}
