import { ErrandError } from '../../core/errors.js';
import type { Json } from '../../core/json.js';
import type { Principal } from '../../core/tenant/principal.js';
import type { DiffDraftParams, DiffVersionsParams, WorkflowDiff } from '../interface/authoring.js';
import type { ServiceDeps } from '../use-case/deps.js';
import { findSizeFault } from './find-size-fault.js';
import { diffDefinitions } from './diff-definitions.js';
import { readDraft } from './drafts.js';
import { findOwner, type Owner } from './owner.js';
import { readText } from './read-text.js';
import { getVersion, publishedVersion } from './versions.js';

export async function diffVersions(
  deps: ServiceDeps,
  caller: Principal,
  params: DiffVersionsParams,
): Promise<WorkflowDiff> {
  const owner = await findOwner(deps, caller, params);
  const { workflowId } = params;
  const to = params.to ?? (await publishedVersion(deps, owner.organizationId, workflowId));
  if (to === null)
    throw new ErrandError('not_found', `Nothing of "${workflowId}" is published here. Say which version: to.`);
  const from = params.from ?? (to > 1 ? to - 1 : null);
  const [before, after] = [
    await definitionOf(deps, owner, workflowId, from),
    await definitionOf(deps, owner, workflowId, to),
  ];
  return { workflowId, from, to, ...diffDefinitions(before, after, deps.catalog.kinds) };
}

/** From the version that is published, or nothing, to the draft. */
export async function diffDraft(deps: ServiceDeps, caller: Principal, params: DiffDraftParams): Promise<WorkflowDiff> {
  const owner = await findOwner(deps, caller, params);
  const draft = await readDraft(deps, owner, params.draftId);
  const { value: after } = await readText(deps.catalog, { ...draft, organizationId: owner.shownTo });
  if (after === undefined || findSizeFault(after, deps.catalog.kinds) !== null)
    throw new ErrandError('invalid_definition', 'The draft cannot be read: mend its faults first, then compare it.');
  const { workflowId } = draft;
  const published = workflowId === null ? null : await publishedVersion(deps, owner.organizationId, workflowId);
  const from = params.from ?? published;
  const before = await definitionOf(deps, owner, workflowId ?? '', from);
  return { workflowId, from, to: null, ...diffDefinitions(before, after, deps.catalog.kinds) };
}

async function definitionOf(
  deps: ServiceDeps,
  { organizationId }: Owner,
  workflowId: string,
  version: number | null,
): Promise<Json> {
  if (version === null) return {};
  const { definition } = await getVersion(deps, { organizationId, workflowId, version });
  return definition as unknown as Json;
}
