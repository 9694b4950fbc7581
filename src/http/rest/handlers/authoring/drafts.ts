import {
  checkWorkflow,
  createDraft,
  deleteDraft,
  diffDraft,
  diffVersions,
  getDraft,
  listDrafts,
  tryWorkflow,
  publishDraft,
  updateDraft,
} from '../../../../api/endpoints/authoring.js';
import type { ApiDraft, ApiDryRunAsk, ApiWorkflowText } from '../../../../api/authoring-types.js';
import { ErrandError } from '../../../../core/errors.js';
import { renderChecked, renderDiff, renderDraftItem, renderDryRun } from '../../../../core/render/render-checked.js';
import type { WorkflowText } from '../../../../core/workflow/checked-text.js';
import type { CheckedDraft, OfOwner, TryWorkflowParams } from '../../../../service/interface/authoring.js';
import { emptyReply, jsonReply } from '../../../transport/replies.js';
import { idempotencyKeyOf, madeReply } from '../../idempotency-key.js';
import { given } from '../../query.js';
import { renderPublished } from '../../render/render-authoring.js';
import type { RestRoutes } from '../../rest-routes.js';
import { readOwner } from './publications.js';

export function addDrafts(routes: RestRoutes): void {
  const { services } = routes.deps;
  addDiffs(routes);
  routes.add(checkWorkflow, async ({ caller, body }) =>
    jsonReply(renderChecked(await services.checkWorkflow(caller, readText(await body())))),
  );
  routes.add(tryWorkflow, async ({ caller, body }) =>
    jsonReply(renderDryRun(await services.tryWorkflow(caller, readTry(await body())))),
  );
  routes.add(createDraft, async ({ exchange, caller, body }) => {
    const sent = await body();
    const params = { ...readText(sent), ...given({ baseVersion: sent.base_version }), ...idempotencyKeyOf(exchange) };
    const { created, ...made } = await services.createDraft(caller, params);
    return madeReply(renderDraft(made), created);
  });
  routes.add(listDrafts, async ({ caller, query }) => {
    const { workflow_id: workflowId, before: beforeId, limit } = query;
    const params = { ...readOwner(query), limit, ...given({ workflowId, beforeId }) };
    const { drafts, nextBefore } = await services.listDrafts(caller, params);
    return jsonReply({ drafts: drafts.map(renderDraftItem), next_before: nextBefore });
  });
  routes.add(getDraft, async ({ caller, query, param }) =>
    jsonReply(renderDraft(await services.getDraft(caller, { ...readOwner(query), draftId: param('id') }))),
  );
  routes.add(updateDraft, async ({ caller, body, param }) => {
    const sent = await body();
    const { revision, base_version: baseVersion } = sent;
    const params = { ...readText(sent), draftId: param('id'), revision, ...given({ baseVersion }) };
    return jsonReply(renderDraft(await services.updateDraft(caller, params)));
  });
  routes.add(publishDraft, async ({ caller, body, param }) => {
    const { revision, base_version: baseVersion, for_all: forAll, organization } = await body();
    const params = { draftId: param('id'), revision, ...given({ baseVersion, forAll, organization }) };
    return jsonReply(renderPublished(await services.publishDraft(caller, params)), 201);
  });
  routes.add(deleteDraft, async ({ caller, query, param }) => {
    const { revision } = query;
    const params = { ...readOwner(query), draftId: param('id'), ...(revision === 0 ? {} : { revision }) };
    await services.deleteDraft(caller, params);
    return emptyReply(204);
  });
}

/** A text or a draft: one of the two. */
function readTry(sent: ApiDryRunAsk & Partial<SentText> & { readonly draft_id?: string }): TryWorkflowParams {
  const { text, format = 'yaml', draft_id: draftId, input, instruction, outputs: outcomes } = sent;
  const ask = given({ forAll: sent.for_all, organization: sent.organization, input, instruction, outcomes });
  if (draftId !== undefined && text === undefined) return { ...ask, draftId };
  if (text !== undefined && draftId === undefined) return { ...ask, text, format };
  const problems = [{ path: '/text', message: 'give this, or draft_id' }];
  throw new ErrandError('invalid_input', 'Say what is to be tried: text or draft_id, one of the two.', { problems });
}

function renderDraft({ draft, checked }: CheckedDraft): ApiDraft {
  return { ...renderDraftItem(draft), text: draft.text, format: draft.format, check: renderChecked(checked) };
}

function addDiffs(routes: RestRoutes): void {
  const { services } = routes.deps;
  const some = (version: number) => (version === 0 ? undefined : version);
  routes.add(diffDraft, async ({ caller, query, param }) => {
    const params = { ...readOwner(query), draftId: param('id'), ...given({ from: some(query.from) }) };
    return jsonReply(renderDiff(await services.diffDraft(caller, params)));
  });
  routes.add(diffVersions, async ({ caller, query, param }) => {
    const versions = given({ from: some(query.from), to: some(query.to) });
    const params = { ...readOwner(query), workflowId: param('id'), ...versions };
    return jsonReply(renderDiff(await services.diffVersions(caller, params)));
  });
}

interface SentText extends ApiWorkflowText {
  readonly for_all?: boolean;
  readonly organization?: string;
}

function readText({ text, format = 'yaml', for_all: forAll, organization }: SentText): OfOwner & WorkflowText {
  return { text, format, ...given({ forAll, organization }) };
}
