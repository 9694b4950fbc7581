import { ErrandError } from '../../core/errors.js';
import type { Draft } from '../../core/ports/store/workflows/draft-store.js';
import type { Principal } from '../../core/tenant/principal.js';
import { isUuid } from '../../core/text/uuid.js';
import { tellMoment } from '../../core/time/moment.js';
import { AUTHORING_LIMITS } from '../../core/workflow/authoring-limits.js';
import type {
  CheckedDraft,
  CreateDraftParams,
  DeleteDraftParams,
  DraftsPage,
  ListDraftsParams,
  OfDraft,
  Published,
  PublishDraftParams,
  UpdateDraftParams,
} from '../interface/authoring.js';
import type { WorkflowText } from '../../core/workflow/checked-text.js';
import type { ServiceDeps } from '../use-case/deps.js';
import { makeOnce } from '../use-case/make-once.js';
import { type CheckedDefinition, checkText } from './check-text.js';
import { findOwner, type Owner } from './owner.js';
import { publishAs } from './publish.js';

export async function createDraft(
  deps: ServiceDeps,
  caller: Principal,
  params: CreateDraftParams,
): Promise<CheckedDraft & { readonly created: boolean }> {
  const owner = await findOwner(deps, caller, params);
  assertLength(params.text);
  const { text, format, baseVersion = null, idempotencyKey: key } = params;
  const { organizationId } = owner;
  const { checked } = await checkText(deps, owner, { text, format });
  const at = deps.clock.now();
  const draft: Draft = {
    ...factsOf(checked),
    id: deps.newId(),
    organizationId,
    baseVersion,
    revision: 1,
    createdAt: at,
    updatedAt: at,
    keyId: caller.keyId,
    text,
    format,
  };
  const { made, created } = await makeOnce(deps, {
    organizationId: caller.organizationId,
    key,
    asked: { draft: { text, format, baseVersion, organizationId } },
    made: draft,
    record: async (tx) => {
      const count = await tx.drafts.count({ organizationId });
      if (count >= AUTHORING_LIMITS.drafts)
        throw new ErrandError(
          'conflict',
          `There may be ${AUTHORING_LIMITS.drafts} drafts. Delete or publish one of them first.`,
        );
      await tx.drafts.insert(draft);
    },
    recall: (id) => deps.store.drafts.get({ organizationId, id }),
  });
  return { draft: made, checked: created ? checked : await checkKept(deps, owner, made), created };
}

export async function updateDraft(
  deps: ServiceDeps,
  caller: Principal,
  params: UpdateDraftParams,
): Promise<CheckedDraft> {
  const owner = await findOwner(deps, caller, params);
  assertLength(params.text);
  const before = await readAt(deps, owner, params);
  const { text, format, baseVersion = before.baseVersion } = params;
  const { checked } = await checkText(deps, owner, { text, format });
  const draft: Draft = {
    ...before,
    ...factsOf(checked),
    baseVersion,
    text,
    format,
    revision: before.revision + 1,
    updatedAt: deps.clock.now(),
    keyId: caller.keyId,
  };
  if (!(await deps.store.drafts.replace(draft))) throw await otherRevision(deps, owner, params);
  return { draft, checked };
}

export async function getDraft(deps: ServiceDeps, caller: Principal, params: OfDraft): Promise<CheckedDraft> {
  const owner = await findOwner(deps, caller, params);
  const draft = await readDraft(deps, owner, params.draftId);
  return { draft, checked: await checkKept(deps, owner, draft) };
}

export async function listDrafts(deps: ServiceDeps, caller: Principal, params: ListDraftsParams): Promise<DraftsPage> {
  const { organizationId } = await findOwner(deps, caller, params);
  const { workflowId = null, limit, beforeId = null } = params;
  const found = await deps.store.drafts.list({ organizationId, workflowId, beforeId, limit: limit + 1 });
  const drafts = found.slice(0, limit);
  return { drafts, nextBefore: found.length > limit ? (drafts.at(-1)?.id ?? null) : null };
}

export async function deleteDraft(deps: ServiceDeps, caller: Principal, params: DeleteDraftParams): Promise<void> {
  const owner = await findOwner(deps, caller, params);
  const { draftId: id, revision = null } = params;
  const { organizationId } = owner;
  await readDraft(deps, owner, id);
  if (!(await deps.store.drafts.delete({ organizationId, id, revision })))
    throw await otherRevision(deps, owner, params);
}

/** Throws `not_found`, for drafts of others too. */
export async function readDraft(
  { store }: Pick<ServiceDeps, 'store'>,
  { organizationId }: Owner,
  id: string,
): Promise<Draft> {
  const draft = isUuid(id) ? await store.drafts.get({ organizationId, id }) : null;
  if (draft === null) throw new ErrandError('not_found', 'There is no draft with this id.');
  return draft;
}

/** Throws `conflict` when the draft is at another revision than the caller has seen. */
export async function readAt(
  deps: Pick<ServiceDeps, 'store'>,
  owner: Owner,
  params: { readonly draftId: string; readonly revision: number },
): Promise<Draft> {
  const draft = await readDraft(deps, owner, params.draftId);
  if (draft.revision !== params.revision) throw conflictOf(draft, params.revision);
  return draft;
}

async function otherRevision(
  deps: Pick<ServiceDeps, 'store'>,
  owner: Owner,
  { draftId, revision }: { readonly draftId: string; readonly revision?: number },
): Promise<ErrandError> {
  return conflictOf(await readDraft(deps, owner, draftId), revision ?? null);
}

function conflictOf({ revision, updatedAt }: Draft, expected: number | null): ErrandError {
  return new ErrandError(
    'conflict',
    `The draft is at revision ${revision}, not at ${expected}: somebody else has changed it. Nothing was done. ` +
      'Read it again, take over what was changed, and repeat the call with its revision.',
    { details: { revision, updated_at: tellMoment(updatedAt) } },
  );
}

/** Publishes what the draft says, and takes the draft away, in one moment. */
export async function publishDraft(
  deps: ServiceDeps,
  caller: Principal,
  params: PublishDraftParams,
): Promise<Published> {
  const owner = await findOwner(deps, caller, params);
  const draft = await readAt(deps, owner, params);
  const { baseVersion = draft.baseVersion, draftId: id, revision } = params;
  const { definition, checked } = await checkText(deps, owner, draft);
  if (definition === undefined || checked.faultCount > 0) throw faultsOf(checked);
  const { organizationId } = owner;
  return publishAs(deps, caller, {
    owner,
    workflows: [{ definition }],
    bases: new Map([[String(checked.workflowId), baseVersion]]),
    alongside: async (tx) => {
      if (await tx.drafts.delete({ organizationId, id, revision })) return;
      throw new ErrandError('conflict', 'The draft has been changed meanwhile: nothing was published. Read it again.');
    },
  });
}

function faultsOf({ faults, faultCount }: CheckedDraft['checked']): ErrandError {
  const problems = faults.map(({ path, message, line, column }) => ({
    path,
    message: line === null ? message : `line ${line}, column ${column}: ${message}`,
  }));
  const first = problems.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
  return new ErrandError(
    'invalid_definition',
    `The draft has ${faultCount === 1 ? 'a fault' : `${faultCount} faults`}, nothing was published: ${first}`,
    { problems },
  );
}

/** The check of a draft as it is kept: what it needs may have come or gone since. */
async function checkKept(deps: ServiceDeps, owner: Owner, { text, format }: Draft): Promise<CheckedDraft['checked']> {
  return (await checkText(deps, owner, { text, format })).checked;
}

function factsOf({ workflowId, name, faultCount: faults }: CheckedDefinition['checked']) {
  // What is far from an id or a name is of no use in a list.
  const short = (text: string | null): string | null => text?.slice(0, 200) ?? null;
  return { workflowId: short(workflowId), name: short(name), faults };
}

function assertLength({ length }: WorkflowText['text']): void {
  const { definition: maxLength } = AUTHORING_LIMITS;
  if (length <= maxLength) return;
  const problems = [{ path: '/text', message: `may have ${maxLength} characters, not ${length}` }];
  throw new ErrandError('invalid_input', `The text is too long: it may have ${maxLength} characters.`, { problems });
}
