import { ErrandError } from '../../core/errors.js';
import type { Publication } from '../../core/ports/store/workflows/publication-store.js';
import type { Principal } from '../../core/tenant/principal.js';
import type { WorkflowVersion } from '../../core/workflow/definition.js';
import { workflowKey } from '../../core/workflow/workflow-key.js';
import type {
  ListPublicationsParams,
  ListPublishedVersionsParams,
  OfOwner,
  Published,
  PublishedVersions,
  RollBackParams,
} from '../interface/authoring.js';
import type { ServiceDeps } from '../use-case/deps.js';
import { findOwner, type Owner } from './owner.js';
import { switchTo, type SwitchParams } from './publish.js';

type OfWorkflow = OfOwner & { readonly workflowId: string };

export async function listPublishedVersions(
  deps: ServiceDeps,
  caller: Principal,
  params: ListPublishedVersionsParams,
): Promise<PublishedVersions> {
  const { organizationId } = await findOwner(deps, caller, params);
  const { workflowId, limit, before = null } = params;
  const key = workflowKey({ workflowId, organizationId });
  const versions = await deps.store.workflows.listOf({ workflowId: key, limit, before });
  if (versions.length === 0 && before === null) throw noVersions(workflowId);
  return { versions, published: await publishedVersion(deps, organizationId, workflowId) };
}

export async function getPublishedVersion(
  deps: ServiceDeps,
  caller: Principal,
  params: OfWorkflow & { readonly version: number },
): Promise<WorkflowVersion> {
  const { organizationId } = await findOwner(deps, caller, params);
  const { workflowId, version } = params;
  const kept = await getVersion(deps, { organizationId, workflowId, version });
  return { ...kept, workflowId };
}

export async function rollBackWorkflow(
  deps: ServiceDeps,
  caller: Principal,
  params: RollBackParams,
): Promise<Published> {
  const owner = await findOwner(deps, caller, params);
  const { workflowId } = params;
  const version = params.version ?? (await findEarlier(deps, owner, workflowId));
  const kept = await getVersion(deps, { organizationId: owner.organizationId, workflowId, version });
  if (Object.values(kept.handlers).some((ref) => ref.kind !== 'bundle' || ref.published === undefined))
    throw new ErrandError('conflict', `Version ${version} is of a folder, and its code is not in the store.`);
  const versions = [{ workflowId, version }];
  const publication = await change(deps, { caller, owner, action: 'roll_back', versions });
  return { publication, workflows: versions };
}

export async function unpublishWorkflow(
  deps: ServiceDeps,
  caller: Principal,
  params: OfWorkflow,
): Promise<Publication> {
  const owner = await findOwner(deps, caller, params);
  const { workflowId } = params;
  if ((await publishedVersion(deps, owner.organizationId, workflowId)) === null) throw notPublished(workflowId);
  return change(deps, { caller, owner, action: 'unpublish', versions: [{ workflowId, version: null }] });
}

export async function listPublications(
  deps: ServiceDeps,
  caller: Principal,
  params: ListPublicationsParams,
): Promise<readonly Publication[]> {
  const { organizationId } = await findOwner(deps, caller, params);
  const { limit, before = null } = params;
  return deps.store.publications.list({ organizationId, limit, before });
}

export async function revertPublication(
  deps: ServiceDeps,
  caller: Principal,
  params: OfOwner & { readonly number: number },
): Promise<Publication> {
  const owner = await findOwner(deps, caller, params);
  const { organizationId } = owner;
  const publication = await deps.store.publications.get({ organizationId, number: params.number });
  if (publication === null) throw new ErrandError('not_found', `There is no publication ${params.number}.`);
  const published = await listOwn(deps, organizationId);
  const changed = publication.changes.filter(({ workflowId, after }) => (published.get(workflowId) ?? null) !== after);
  if (changed.length > 0) {
    const ids = changed.map(({ workflowId }) => workflowId).join(', ');
    throw new ErrandError('conflict', `Since publication ${params.number}, other versions were published of ${ids}.`);
  }
  const versions = publication.changes.map(({ workflowId, before }) => ({ workflowId, version: before }));
  return change(deps, { caller, owner, action: 'roll_back', versions });
}

async function change(deps: ServiceDeps, params: SwitchParams): Promise<Publication> {
  const publication = await deps.store.transaction((tx) => switchTo(tx, deps, params));
  await deps.published?.changed();
  return publication;
}

/** The newest of those that were ever published and are older than what is now. */
async function findEarlier(deps: ServiceDeps, { organizationId }: Owner, workflowId: string): Promise<number> {
  const now = (await publishedVersion(deps, organizationId, workflowId)) ?? Number.MAX_SAFE_INTEGER;
  let newest = 0;
  for (let before: number | null = null; ;) {
    const page: Publication[] = await deps.store.publications.list({ organizationId, limit: 100, before });
    for (const { changes } of page)
      for (const { workflowId: id, after } of changes)
        if (id === workflowId && after !== null && after < now) newest = Math.max(newest, after);
    before = page.at(-1)?.number ?? null;
    if (before === null) break;
  }
  if (newest > 0) return newest;
  throw new ErrandError('conflict', `No version of "${workflowId}" was published before this one. Name the version.`);
}

export async function getVersion(
  { store }: ServiceDeps,
  params: { readonly organizationId: string | null; readonly workflowId: string; readonly version: number },
): Promise<WorkflowVersion> {
  const { workflowId, version } = params;
  const kept = await store.workflows.getVersion({ workflowId: workflowKey(params), version });
  if (kept !== null) return kept;
  throw new ErrandError('not_found', `There is no version ${version} of workflow "${workflowId}" here.`);
}

async function listOwn(
  { store }: Pick<ServiceDeps, 'store'>,
  organizationId: string | null,
): Promise<ReadonlyMap<string, number>> {
  const all = await store.publications.listPublished();
  return new Map(all.flatMap((one) => (one.organizationId === organizationId ? [[one.workflowId, one.version]] : [])));
}

/** The version that this owner has published under the id; null: none. */
export async function publishedVersion(
  deps: Pick<ServiceDeps, 'store'>,
  organizationId: string | null,
  workflowId: string,
): Promise<number | null> {
  return (await listOwn(deps, organizationId)).get(workflowId) ?? null;
}

function noVersions(workflowId: string): ErrandError {
  return new ErrandError('not_found', `No version of workflow "${workflowId}" is kept here.`);
}

function notPublished(workflowId: string): ErrandError {
  return new ErrandError('not_found', `No workflow "${workflowId}" is published here.`);
}
