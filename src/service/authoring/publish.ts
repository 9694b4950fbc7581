import { createHash } from 'node:crypto';
import { ErrandError, type Problem } from '../../core/errors.js';
import { nextTurn, yieldIfBusy } from '../../core/event-loop.js';
import type { Records } from '../../core/ports/store/store.js';
import type { Publication, PublishVersionsParams } from '../../core/ports/store/workflows/publication-store.js';
import { hasScope, type Principal } from '../../core/tenant/principal.js';
import { AUTHORING_LIMITS } from '../../core/workflow/authoring-limits.js';
import { bundlesOf, type HandlerRef, type WorkflowDefinition } from '../../core/workflow/definition.js';
import { workflowKey } from '../../core/workflow/workflow-key.js';
import { createPlanInTurns } from '../../workflow/create-plan.js';
import { hashWorkflow } from '../../workflow/plan/hash.js';
import { recordChange } from '../audit/record-change.js';
import type { GivenBundle, GivenWorkflow, Published, PublishParams } from '../interface/authoring.js';
import type { ServiceDeps } from '../use-case/deps.js';
import { checkAuthored, idOf } from './check-authored.js';
import { findOwner, type Owner } from './owner.js';

interface CheckedWorkflow {
  readonly definition: WorkflowDefinition;
  readonly handlers: { readonly [nodePath: string]: HandlerRef };
  readonly hash: string;
}

/** Checks all, keeps them as versions and switches to them, in one transaction; then waits until they hold here. */
export async function publishWorkflows(
  deps: ServiceDeps,
  caller: Principal,
  params: PublishParams,
): Promise<Published> {
  return publishAs(deps, caller, { ...params, owner: await findOwner(deps, caller, params) });
}

interface PublishAsParams extends Pick<PublishParams, 'workflows' | 'bundles' | 'replace'> {
  readonly owner: Owner;
  /** By workflow, the version that must be published now (null: none); of those that are not here, any. */
  readonly bases?: ReadonlyMap<string, number | null>;
  /** What else is done in that transaction. */
  readonly alongside?: (tx: Records) => Promise<void>;
}

/** The same for an owner that is known. Throws `conflict` when another version than a workflow's base is published. */
export async function publishAs(deps: ServiceDeps, caller: Principal, params: PublishAsParams): Promise<Published> {
  const { owner } = params;
  const bundles = await checkBundles(deps, caller, params.bundles ?? []);
  const checked = await checkWorkflows(deps, caller, { ...params, owner, bundles });
  await assertRoom(deps, owner, checked);
  const ids = new Set(checked.map(({ definition }) => definition.id));
  const published = await deps.store.publications.listPublished();
  const gone = published.filter((one) => one.organizationId === owner.organizationId && !ids.has(one.workflowId));
  const removed = params.replace === true ? gone.map(({ workflowId }) => ({ workflowId, version: null })) : [];
  const at = deps.clock.now();
  const named = bundlesOf(checked.flatMap(({ handlers }) => Object.values(handlers)));
  // Each in a turn of its own; code that no version names does no harm.
  for (const bundle of bundles.values()) {
    if (!named.has(bundle.sha)) continue;
    await deps.store.publications.saveBundle({ ...bundle, at });
    await nextTurn();
  }
  const made = await deps.store.transaction(async (tx) => {
    await params.alongside?.(tx);
    const versions: { workflowId: string; version: number }[] = [];
    for (const workflow of checked) versions.push(await saveVersion(tx, owner, workflow, at));
    const publication = await switchTo(tx, deps, {
      caller,
      owner,
      action: 'publish',
      versions: [...versions, ...removed],
    });
    assertBases(params.bases ?? new Map(), publication, versions);
    return { publication, workflows: versions };
  });
  await deps.published?.changed();
  return made;
}

/** What was published by the moment of the change itself: nobody gets between. */
function assertBases(
  bases: ReadonlyMap<string, number | null>,
  { changes }: Publication,
  versions: readonly { readonly workflowId: string; readonly version: number }[],
): void {
  for (const { workflowId, version } of versions) {
    const base = bases.get(workflowId);
    // What has not changed was published before as well.
    const before = changes.find((change) => change.workflowId === workflowId)?.before ?? null;
    const published = changes.some((change) => change.workflowId === workflowId) ? before : version;
    if (base === undefined || base === published) continue;
    const told = published === null ? 'none is published' : `version ${published} is published`;
    const meant = base === null ? 'for a new workflow' : `made of version ${base}`;
    throw new ErrandError(
      'conflict',
      `Of ${workflowId}, ${told} now, and this was ${meant}. Nothing was published. Compare the two, then publish it ` +
        `with base_version ${published}.`,
      { details: { published_version: published, base_version: base } },
    );
  }
}

async function saveVersion(
  tx: Records,
  { organizationId }: Owner,
  { definition, handlers, hash }: CheckedWorkflow,
  at: number,
): Promise<{ workflowId: string; version: number }> {
  const { id: workflowId } = definition;
  const key = workflowKey({ workflowId, organizationId });
  const { version } = await tx.workflows.saveVersion({ workflowId: key, hash, definition, handlers, at });
  return { workflowId, version: version.version };
}

export interface SwitchParams {
  readonly caller: Principal;
  readonly owner: Owner;
  /** As the audit trail names it: `workflow.<action>`. */
  readonly action: 'publish' | 'roll_back' | 'unpublish';
  readonly versions: PublishVersionsParams['versions'];
}

/** Switches within a transaction, and puts what has changed into the audit trail. */
export async function switchTo(tx: Records, deps: ServiceDeps, params: SwitchParams): Promise<Publication> {
  const { caller, owner, action, versions } = params;
  const { organizationId, shownTo } = owner;
  const at = deps.clock.now();
  const publication = await tx.publications.publish({ organizationId, at, keyId: caller.keyId, versions });
  for (const { workflowId, before, after } of publication.changes) {
    const common = { organizationId: shownTo, target: { kind: 'workflow', id: workflowId } };
    await recordChange(tx, deps, caller, {
      ...common,
      action: `workflow.${after === null ? 'unpublish' : action}`,
      before: before === null ? null : { version: before },
      after: { version: after, for_all: organizationId === null, publication: publication.number },
    });
  }
  return publication;
}

/** By their SHA-256. */
async function checkBundles(
  deps: ServiceDeps,
  caller: Principal,
  bundles: readonly GivenBundle[],
): Promise<ReadonlyMap<string, GivenBundle>> {
  if (bundles.length > 0 && !isCodeTaken(deps, caller)) {
    throw new ErrandError(
      'forbidden',
      'This server takes no code with workflows from this caller. Whoever runs it can allow it: ERRAND_PUBLISHED_CODE.',
    );
  }
  const { bundle: maxLength, bundles: maxBundles } = AUTHORING_LIMITS;
  const problems: Problem[] = [];
  if (bundles.length > maxBundles)
    problems.push({ path: '/bundles', message: `may be ${maxBundles}, not ${bundles.length}` });
  for (const [index, { sha, code }] of bundles.entries()) {
    const path = `/bundles/${index}`;
    if (code.length > maxLength) problems.push({ path: `${path}/code`, message: `may have ${maxLength} characters` });
    else if (createHash('sha256').update(code).digest('hex') !== sha)
      problems.push({ path: `${path}/sha`, message: 'is not the SHA-256 of the code' });
    const turn = yieldIfBusy();
    if (turn !== null) await turn;
  }
  refuse('bundles', problems);
  return new Map(bundles.map((bundle) => [bundle.sha, bundle]));
}

export function isCodeTaken({ code }: Pick<ServiceDeps, 'code'>, caller: Principal): boolean {
  if (code === undefined || code.rule === 'off') return false;
  return code.rule === 'organizations' || hasScope(caller, 'operate');
}

async function checkWorkflows(
  deps: ServiceDeps,
  caller: Principal,
  params: Pick<PublishParams, 'workflows' | 'replace'> & {
    readonly owner: Owner;
    readonly bundles: ReadonlyMap<string, GivenBundle>;
  },
): Promise<readonly CheckedWorkflow[]> {
  const { workflows, owner, bundles } = params;
  if (workflows.length > AUTHORING_LIMITS.workflows)
    refuse('workflows', [{ path: '/workflows', message: `may be ${AUTHORING_LIMITS.workflows} at once` }]);
  const { organizationId } = owner;
  const ids = workflows.map(({ definition }) => idOf(definition));
  const workflowIds = new Set([
    ...ids.filter((id) => id !== null),
    ...deps.catalog.list(organizationId).map(({ plan }) => plan.workflowId),
  ]);
  const checked: CheckedWorkflow[] = [];
  const problems: Problem[] = [];
  for (const [index, workflow] of workflows.entries()) {
    const { definition } = workflow;
    const path = `/workflows/${index}/definition`;
    const handlers = refsOf(workflow, caller);
    const { faults } = await checkAuthored(deps, {
      definition,
      handlers,
      owner: organizationId,
      workflowIds,
      isCodeTaken: isCodeTaken(deps, caller),
    });
    const id = ids[index] ?? null;
    if (id !== null && ids.indexOf(id) !== index)
      problems.push({ path: `${path}/id`, message: 'another workflow has this id too' });
    problems.push(...faults.map((fault) => ({ path: `${path}/${fault.at.join('/')}`, message: fault.message })));
    problems.push(...(await findLost(deps, handlers, bundles, `/workflows/${index}/handlers`)));
    if (problems.length > 0) continue;
    checked.push({ definition: definition as WorkflowDefinition, handlers, hash: hashOf(definition, handlers) });
  }
  if (problems.length === 0) for (const workflow of checked) await assertPlannable(deps, workflow);
  if (problems.length > 0) {
    const list = problems.map(({ path, message }) => `${path}: ${message}`).join('; ');
    throw new ErrandError('invalid_definition', `The workflows have faults, nothing was published: ${list}`, {
      problems,
    });
  }
  return checked;
}

const hashOf = (definition: unknown, handlers: CheckedWorkflow['handlers']): string =>
  hashWorkflow({ definition: definition as WorkflowDefinition, handlers });

/** On whose authority they run is in the version, so that it holds whatever the setting becomes. */
function refsOf({ handlers = {} }: GivenWorkflow, caller: Principal): { [nodePath: string]: HandlerRef } {
  const published = hasScope(caller, 'operate') ? 'operator' : 'organization';
  return Object.fromEntries(
    Object.entries(handlers).map(([nodePath, { bundle, export: name, nodeId }]) => [
      nodePath,
      { kind: 'bundle', bundle, export: name, ...(nodeId === undefined ? {} : { nodeId }), published },
    ]),
  );
}

/** Handlers whose code neither came along nor is kept. */
async function findLost(
  { store }: ServiceDeps,
  handlers: CheckedWorkflow['handlers'],
  bundles: ReadonlyMap<string, GivenBundle>,
  path: string,
): Promise<Problem[]> {
  const named = Object.entries(handlers).flatMap(([nodePath, ref]) =>
    ref.kind === 'bundle' && !bundles.has(ref.bundle) ? [{ nodePath, sha: ref.bundle }] : [],
  );
  const kept = new Set(await store.publications.findBundles({ shas: named.map(({ sha }) => sha) }));
  return named
    .filter(({ sha }) => !kept.has(sha))
    .map(({ nodePath, sha }) => ({ path: `${path}/${nodePath}`, message: `there is no bundle ${sha}` }));
}

/** All that is left to be wrong is a node without its function. */
async function assertPlannable({ catalog }: ServiceDeps, { definition, handlers }: CheckedWorkflow): Promise<void> {
  const { kinds, isolation } = catalog;
  await createPlanInTurns({ definition, handlers, kinds, isolation, version: 1 });
}

async function assertRoom(
  { store }: ServiceDeps,
  { organizationId }: Owner,
  given: readonly CheckedWorkflow[],
): Promise<void> {
  if (organizationId === null) return;
  const { published: maxPublished, versions: maxVersions, kept } = AUTHORING_LIMITS;
  const all = await store.publications.listPublished();
  const ids = new Set(all.flatMap((one) => (one.organizationId === organizationId ? [one.workflowId] : [])));
  for (const { definition } of given) ids.add(definition.id);
  const full = (message: string): ErrandError => new ErrandError('conflict', message);
  if (ids.size > maxPublished) throw full(`An organization may have ${maxPublished} workflows of its own.`);
  const { versions, characters } = await store.workflows.measure({ prefix: `${organizationId}/` });
  if (versions + given.length > maxVersions || characters > kept)
    throw full(`The versions of this organization's workflows take all the room that there is (${kept} characters).`);
}

function refuse(what: string, problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  const list = problems.map(({ path, message }) => `${path.slice(1)} ${message}`).join('; ');
  throw new ErrandError('invalid_input', `The ${what} cannot be taken: ${list}.`, { problems });
}
