import { isErrandError } from '../../../core/errors.js';
import type { JsonObject } from '../../../core/json.js';
import { renderDiff } from '../../../core/render/render-checked.js';
import type { CheckedDraft } from '../../../service/interface/authoring.js';
import type { CallContext } from '../../contract/call-context.js';
import { defineTool } from '../../tool-kit/define-tool.js';
import {
  ACCEPTED_DEFINITION,
  CHECK_WORKFLOW_INPUT,
  CHECK_WORKFLOW_OUTPUT,
  CREATE_WORKFLOW_INPUT,
  DELETE_WORKFLOW_INPUT,
  DELETE_WORKFLOW_OUTPUT,
  READ_WORKFLOW_INPUT,
  READ_WORKFLOW_OUTPUT,
  UPDATE_WORKFLOW_INPUT,
  WRITE_WORKFLOW_OUTPUT,
} from '../schemas/authoring-schemas.js';
import { type Definition, missing, readDefinition } from './read-definition.js';
import { definitionUri, draftUri } from '../catalog/resources.js';
import { showChanges, showChecked, showDefinition, showDraft, showFaults, tellChecked } from './show-authoring.js';

const READS = { destructiveHint: false, idempotentHint: true, openWorldHint: false };

export const checkWorkflow = defineTool<{ definition: Definition }>({
  name: 'check_workflow',
  title: 'Check a workflow definition',
  description:
    'Checks the definition of a workflow and changes nothing: every fault with its line, warnings, its graph, and what a run is likely to take. Check before you create or update.',
  inputSchema: CHECK_WORKFLOW_INPUT,
  accepts: ACCEPTED_DEFINITION,
  outputSchema: CHECK_WORKFLOW_OUTPUT,
  mutates: false,
  scope: 'workflows:write',
  annotations: READS,
  run: async ({ definition }, { services, caller }) => {
    const checked = await services.checkWorkflow(caller, await readDefinition(definition));
    return { kind: 'value', value: showChecked(checked), text: tellChecked(checked) };
  },
});

export const readWorkflow = defineTool<{ workflow_id?: string; version?: number; draft_id?: string }>({
  name: 'read_workflow',
  title: 'Read a workflow definition',
  description:
    'Returns the definition of a workflow that this organization has published itself, or of a draft, to change it with update_workflow. Without arguments, lists the drafts.',
  inputSchema: READ_WORKFLOW_INPUT,
  outputSchema: READ_WORKFLOW_OUTPUT,
  mutates: false,
  scope: 'workflows:write',
  annotations: READS,
  run: async ({ workflow_id: workflowId, version: asked, draft_id: draftId }, { services, caller }) => {
    if (draftId !== undefined) {
      const { draft, checked } = await services.getDraft(caller, { draftId });
      const { fields, text } = showDefinition({ definition: draft.text, resource: draftUri(draftId) });
      const { faults } = showFaults({ faults: checked.faults, warnings: [] });
      return { kind: 'value', value: { ...fields, draft: showDraft(draft), faults }, text };
    }
    if (workflowId === undefined) {
      const { drafts } = await services.listDrafts(caller, { limit: 50 });
      const lines = drafts.map(({ id, workflowId: of, revision }) => `${id}: ${of ?? '?'}, revision ${revision}`);
      const text = [`${drafts.length} drafts.`, ...lines].join('\n');
      return { kind: 'value', value: { drafts: drafts.map(showDraft) }, text };
    }
    const { versions, published } = await services.listPublishedVersions(caller, { workflowId, limit: 1 });
    const version = asked ?? published ?? versions[0]?.version ?? 1;
    const kept = await services.getPublishedVersion(caller, { workflowId, version });
    const definition = JSON.stringify(kept.definition, null, 2);
    const { fields, text } = showDefinition({ definition, resource: definitionUri({ workflowId, version }) });
    return {
      kind: 'value',
      value: { ...fields, workflow_id: workflowId, version, published_version: published },
      text,
    };
  },
});

export const createWorkflow = defineTool<{ definition: Definition; publish?: boolean; idempotency_key?: string }>({
  name: 'create_workflow',
  title: 'Create a workflow',
  description:
    'Keeps a definition as a draft, with its faults, or publishes it as a new workflow of this organization when publish is true. It runs no code: node kinds are transform, http, llm, agent, map and others.',
  inputSchema: CREATE_WORKFLOW_INPUT,
  accepts: ACCEPTED_DEFINITION,
  outputSchema: WRITE_WORKFLOW_OUTPUT,
  mutates: true,
  scope: 'workflows:write',
  annotations: { destructiveHint: false, idempotentHint: false, openWorldHint: false },
  run: async ({ definition, publish = false, idempotency_key: idempotencyKey }, call) => {
    const key = idempotencyKey === undefined ? {} : { idempotencyKey };
    const made = await call.services.createDraft(call.caller, { ...(await readDefinition(definition)), ...key });
    return tellWritten(call, made, publish);
  },
});

interface UpdateArguments {
  readonly draft_id?: string;
  readonly revision?: number;
  readonly workflow_id?: string;
  readonly version?: number;
  readonly definition?: Definition;
  readonly publish?: boolean;
  readonly restore_version?: number;
}

export const updateWorkflow = defineTool<UpdateArguments>({
  name: 'update_workflow',
  title: 'Change a workflow',
  description:
    'Changes a draft, or begins one of a published workflow, and publishes it when publish is true; runs under way keep their version. Read it with read_workflow first. restore_version publishes an earlier version again.',
  inputSchema: UPDATE_WORKFLOW_INPUT,
  accepts: ACCEPTED_DEFINITION,
  outputSchema: WRITE_WORKFLOW_OUTPUT,
  mutates: true,
  scope: 'workflows:write',
  annotations: { destructiveHint: true, idempotentHint: false, openWorldHint: false },
  run: async (args, call) => {
    const { restore_version: version, workflow_id: workflowId, publish = false } = args;
    if (version !== undefined) {
      if (workflowId === undefined) throw missing('workflow_id', 'restore_version is of a workflow');
      await call.services.rollBackWorkflow(call.caller, { workflowId, version });
      return restored(workflowId, version);
    }
    return tellWritten(call, await write(args, call), publish);
  },
});

async function write(args: UpdateArguments, { services, caller }: CallContext): Promise<CheckedDraft> {
  const { draft_id: draftId, revision, workflow_id: workflowId, version: baseVersion, definition } = args;
  if (draftId === undefined) {
    if (workflowId === undefined) throw missing('draft_id', 'say what is to be changed: draft_id, or workflow_id');
    if (baseVersion === undefined) throw missing('version', 'say which version you have read: read_workflow gives it');
    if (definition === undefined) throw missing('definition', 'give the whole new definition');
    return services.createDraft(caller, { ...(await readDefinition(definition)), baseVersion });
  }
  if (revision === undefined) throw missing('revision', 'say which revision you have read: read_workflow gives it');
  if (definition !== undefined)
    return services.updateDraft(caller, { draftId, revision, ...(await readDefinition(definition)) });
  const kept = await services.getDraft(caller, { draftId });
  return { ...kept, draft: { ...kept.draft, revision } };
}

export const deleteWorkflow = defineTool<{ workflow_id?: string; draft_id?: string }>({
  name: 'delete_workflow',
  title: 'Delete a workflow',
  description:
    'Takes away a workflow that this organization has published itself, which update_workflow with restore_version takes back; runs under way continue. With draft_id, deletes a draft for good. Ask the user first.',
  inputSchema: DELETE_WORKFLOW_INPUT,
  outputSchema: DELETE_WORKFLOW_OUTPUT,
  mutates: true,
  scope: 'workflows:write',
  annotations: { destructiveHint: true, idempotentHint: true, openWorldHint: false },
  run: async ({ workflow_id: workflowId, draft_id: draftId }, { services, caller }) => {
    if ((workflowId === undefined) === (draftId === undefined))
      throw missing('workflow_id', 'give workflow_id or draft_id, one of them');
    if (draftId !== undefined) {
      await services.deleteDraft(caller, { draftId });
      const value = { deleted: 'draft', id: draftId, version: null, next_action: null };
      return { kind: 'value', value, text: `Deleted the draft ${draftId}.` };
    }
    const id = workflowId ?? '';
    const { changes } = await services.unpublishWorkflow(caller, { workflowId: id });
    const version = changes[0]?.before ?? null;
    const next = `To take it back, call update_workflow with workflow_id ${id} and restore_version ${version}.`;
    return {
      kind: 'value',
      value: { deleted: 'workflow', id, version, next_action: next },
      text: `Took ${id} away. ${next}`,
    };
  },
});

/** What has become of a draft that was written, and is to be published or not. */
async function tellWritten(call: CallContext, { draft, checked }: CheckedDraft, publish: boolean) {
  const { services, caller } = call;
  const { id: draftId, revision, workflowId } = draft;
  const changes =
    checked.faultCount > 0 ? null : await services.diffDraft(caller, { draftId }).then(renderDiff, () => null);
  const reason = publish ? await explainRefusal(services.publishDraft(caller, { draftId, revision })) : null;
  const isPublished = publish && reason === null;
  const { published } =
    isPublished && workflowId !== null
      ? await services.listPublishedVersions(caller, { workflowId, limit: 1 })
      : checked;
  const value = {
    workflow_id: workflowId,
    published_version: published,
    draft: isPublished ? null : showDraft(draft),
    ...showFaults(checked),
    not_published_because: reason,
    ...showChanges(changes as JsonObject | null),
  };
  const kept = `It is the draft ${draftId}, at revision ${revision}.`;
  const text = isPublished ? `Published version ${published} of ${workflowId}.` : kept;
  const why = reason === null ? [] : [`Not published: ${reason}`];
  return { kind: 'value' as const, value, text: [text, ...why, tellChecked(checked)].join('\n') };
}

/** Why it was not published; null: it was. The draft is kept, so the answer has to say where. */
async function explainRefusal(publishing: Promise<unknown>): Promise<string | null> {
  try {
    await publishing;
    return null;
  } catch (thrown) {
    if (isErrandError(thrown) && (thrown.code === 'conflict' || thrown.code === 'invalid_definition'))
      return thrown.message;
    throw thrown;
  }
}

function restored(workflowId: string, version: number) {
  const value = {
    workflow_id: workflowId,
    published_version: version,
    draft: null,
    faults: [],
    warnings: [],
    not_published_because: null,
    changes: null,
  };
  return { kind: 'value' as const, value, text: `Published version ${version} of ${workflowId} again.` };
}
