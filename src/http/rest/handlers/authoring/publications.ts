import {
  getWorkflowVersion,
  listPublications,
  listWorkflowVersions,
  publishWorkflows,
  revertPublication,
  rollBackWorkflow,
  unpublishWorkflow,
} from '../../../../api/endpoints/authoring.js';
import type { ApiGivenWorkflow } from '../../../../api/authoring-types.js';
import { ErrandError } from '../../../../core/errors.js';
import type { GivenWorkflow, OfOwner } from '../../../../service/interface/authoring.js';
import { jsonReply } from '../../../transport/replies.js';
import { given } from '../../query.js';
import { renderPublication, renderPublished, renderVersion, renderVersionItem } from '../../render/render-authoring.js';
import type { RestRoutes } from '../../rest-routes.js';

export function addPublications(routes: RestRoutes): void {
  const { services } = routes.deps;
  routes.add(publishWorkflows, async ({ caller, body }) => {
    const { workflows, for_all: forAll, ...rest } = await body();
    const params = { ...rest, ...given({ forAll }), workflows: workflows.map(readWorkflow) };
    return jsonReply(renderPublished(await services.publishWorkflows(caller, params)), 201);
  });
  routes.add(listPublications, async ({ caller, query }) => {
    const params = { ...readOwner(query), ...readPage(query) };
    return jsonReply({ publications: (await services.listPublications(caller, params)).map(renderPublication) });
  });
  routes.add(revertPublication, async ({ caller, body, param }) => {
    const number = readNumber(param('number'), 'publication');
    const { organization, for_all: forAll } = await body();
    const params = { number, ...given({ organization, forAll }) };
    return jsonReply(renderPublication(await services.revertPublication(caller, params)), 201);
  });
  addVersions(routes);
}

function addVersions(routes: RestRoutes): void {
  const { services } = routes.deps;
  routes.add(listWorkflowVersions, async ({ caller, query, param }) => {
    const params = { workflowId: param('id'), ...readOwner(query), ...readPage(query) };
    const { versions, published } = await services.listPublishedVersions(caller, params);
    return jsonReply({ versions: versions.map(renderVersionItem), published });
  });
  routes.add(getWorkflowVersion, async ({ caller, query, param }) => {
    const version = readNumber(param('version'), 'version');
    const params = { workflowId: param('id'), version, ...readOwner(query) };
    return jsonReply(renderVersion(await services.getPublishedVersion(caller, params)));
  });
  routes.add(rollBackWorkflow, async ({ caller, body, param }) => {
    const { for_all: forAll, ...rest } = await body();
    const params = { workflowId: param('id'), ...rest, ...given({ forAll }) };
    return jsonReply(renderPublished(await services.rollBackWorkflow(caller, params)), 201);
  });
  routes.add(unpublishWorkflow, async ({ caller, query, param }) => {
    const params = { workflowId: param('id'), ...readOwner(query) };
    return jsonReply(renderPublication(await services.unpublishWorkflow(caller, params)));
  });
}

function readWorkflow({ definition, handlers }: ApiGivenWorkflow): GivenWorkflow {
  if (handlers === undefined) return { definition };
  const refs = Object.entries(handlers).map(([nodePath, { bundle, export: name, node_id: nodeId }]) => [
    nodePath,
    { bundle, export: name, ...given({ nodeId }) },
  ]);
  return { definition, handlers: Object.fromEntries(refs) as NonNullable<GivenWorkflow['handlers']> };
}

export function readOwner(query: {
  readonly organization: string | undefined;
  readonly for_all: 'true' | 'false' | undefined;
}): OfOwner {
  const { organization, for_all: forAll } = query;
  return { ...given({ organization }), ...(forAll === 'true' ? { forAll: true } : {}) };
}

function readPage({ limit, before }: { readonly limit: number; readonly before: number }) {
  return { limit, ...(before === 0 ? {} : { before }) };
}

function readNumber(text: string, what: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new ErrandError('not_found', `There is no ${what} with this number.`);
}
