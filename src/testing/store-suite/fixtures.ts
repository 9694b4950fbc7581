import { randomUUID } from 'node:crypto';
import { applyEvent } from '../../core/run/apply-event.js';
import type { TellMark } from '../../core/ports/store/credit-store.js';
import type { CreditMovement } from '../../core/run/credits.js';
import type { WorkflowDefinition } from '../../core/workflow/definition.js';
import type { ErrandError } from '../../core/errors.js';
import { isErrandError } from '../../core/errors.js';
import type { RunEvent } from '../../core/run/events.js';
import { pendingNode, type NodeExecution } from '../../core/run/node-execution.js';
import { pendingRun, type Run } from '../../core/run/run.js';
import type { ApiKey } from '../../core/tenant/api-key.js';
import type { Organization } from '../../core/tenant/organization.js';
import {
  FIRST_EPOCH,
  type CommitOutcome,
  type CommitRunParams,
  type CreatedRun,
  type SearchRunsQuery,
} from '../../core/ports/store/run-store.js';
import type { Records, Store } from '../../core/ports/store/store.js';

/** A moment that nothing depends on: 2026-11-05T10:00:00Z. */
export const AT = Date.UTC(2026, 10, 5, 10);
export const MONTH = '2026-11';

/** A search that finds all runs of an organization, up to a hundred. */
export const EVERYTHING: Omit<SearchRunsQuery, 'organizationId'> = {
  statuses: [],
  workflowId: null,
  terms: [],
  createdFrom: null,
  createdBefore: null,
  beforeId: null,
  limit: 100,
  looksAt: 5_000,
};

let lastId = 0;

/** A UUIDv7: sorts behind all that were made before it. */
export function newId(): string {
  lastId = Math.max(lastId + 1, Date.now() * 0x1000);
  const time = lastId.toString(16).padStart(15, '0');
  return `${time.slice(0, 8)}-${time.slice(8, 12)}-7${time.slice(12)}-8${randomUUID().slice(-16)}`;
}

export function makeOrganization(values: Partial<Organization> = {}): Organization {
  const id = newId();
  return { id, slug: `org-${id}`, name: 'Acme', createdAt: AT, ...values };
}

/** An organization of its own for each test, with an account of `monthlyLimit` credits. */
export async function insertOrganization(store: Store, monthlyLimit = 1_000): Promise<string> {
  const organization = makeOrganization();
  await store.transaction(async (tx) => {
    await tx.organizations.insert(organization);
    await tx.credits.setLimit({ organizationId: organization.id, monthlyLimit, month: MONTH });
  });
  return organization.id;
}

export function makeKey(values: Partial<ApiKey> & Pick<ApiKey, 'organizationId'>): ApiKey {
  const id = newId();
  return {
    id,
    name: 'laptop',
    hash: `hash-${id}`,
    hint: 'sk_live_Ab3d',
    scopes: ['run'],
    createdAt: AT,
    expiresAt: null,
    revokedAt: null,
    lastUsedAt: null,
    ...values,
  };
}

export function makeDefinition(values: Partial<WorkflowDefinition> = {}): WorkflowDefinition {
  return {
    id: 'site_checkup',
    name: 'Site Checkup',
    description: 'Examines a site.',
    credits: 25,
    nodes: [{ id: 'crawl', kind: 'code', uses: './crawl.ts' }],
    ...values,
  };
}

export function makeNode(values: Partial<NodeExecution> & Pick<NodeExecution, 'id'>): NodeExecution {
  return { ...pendingNode({ id: values.id, kind: 'code' }), ...values };
}

export function makeRun(values: Partial<Run> & Pick<Run, 'organizationId'>): Run {
  const run = pendingRun({
    id: newId(),
    organizationId: values.organizationId,
    workflowId: 'site_checkup',
    workflowName: 'Site Checkup',
    workflowVersion: 1,
    creditsReserved: 25,
    createdAt: AT,
    nodes: [makeNode({ id: 'crawl' }), makeNode({ id: 'links', role: 'link-checker', label: 'Link Checker' })],
  });
  return { ...run, ...values };
}

/** A commit of a run's driver, of which only what matters is said. */
export function makeCommit(
  values: Partial<CommitRunParams> & Pick<CommitRunParams, 'run' | 'events'>,
): CommitRunParams {
  return { epoch: FIRST_EPOCH, created: null, movement: null, usage: [], rewritten: [], ...values };
}

type RunRecords = Pick<Records, 'runs'>;

/** Makes a run as it is given, with as many events in its log as its version says. */
export async function createRun(
  { runs }: RunRecords,
  run: Run,
  values: Partial<Pick<CommitRunParams, 'movement' | 'tellMark' | 'events'>> & Partial<CreatedRun> = {},
): Promise<void> {
  const { movement = null, tellMark, events = makeEvents(0, run.version), ...rest } = values;
  const created = { idempotency: null, childKey: null, ...rest };
  await runs.commit(makeCommit({ run, events, movement, tellMark, created }));
}

export async function insertRun(records: RunRecords, values: Partial<Run> & Pick<Run, 'organizationId'>): Promise<Run> {
  const run = makeRun(values);
  await createRun(records, run);
  return run;
}

/** Commits a run as it is given, with events in its log from its kept version to the given one. */
export async function saveRun({ runs }: RunRecords, run: Run): Promise<CommitOutcome> {
  const kept = await runs.get({ organizationId: run.organizationId, runId: run.id });
  const from = kept === null || kept.version >= run.version ? run.version - 1 : kept.version;
  return runs.commit(makeCommit({ run, events: makeEvents(from, run.version) }));
}

/** Commits these events of a run, and the record that they make. */
export async function commitEvents({ runs }: RunRecords, run: Run, events: readonly RunEvent[]): Promise<Run> {
  const next = events.reduce(applyEvent, run);
  await runs.commit(makeCommit({ run: next, events }));
  return next;
}

/** Commits a movement of credits with a run of its own. False when it was refused for lack of credits. */
export async function moveCredits(
  records: RunRecords,
  movement: CreditMovement,
  tellMark?: TellMark,
): Promise<boolean> {
  const { runId, organizationId } = movement;
  try {
    await createRun(records, makeRun({ id: runId ?? newId(), organizationId }), { movement, tellMark });
    return true;
  } catch (error) {
    if (isErrandError(error) && error.code === 'insufficient_credits') return false;
    throw error;
  }
}

export function completeRun(run: Run): Run {
  return {
    ...run,
    status: 'completed',
    version: run.version + 1,
    creditsConsumed: run.creditsReserved,
    summary: 'All is well.',
    startedAt: AT + 5,
    completedAt: AT + 10,
    output: { score: 93 },
  };
}

/** Events that follow `from`, up to `to`. */
export function makeEvents(from: number, to: number): RunEvent[] {
  return Array.from({ length: to - from }, (_, index) => makeProgress(from + index + 1));
}

export function makeProgress(seq: number): RunEvent {
  return { kind: 'node.progress', seq, at: AT + seq, nodeId: 'crawl', percent: seq % 100, message: `step ${seq}` };
}

export function makeMovement(values: Partial<CreditMovement> & Pick<CreditMovement, 'organizationId'>): CreditMovement {
  return {
    id: newId(),
    runId: newId(),
    kind: 'reserve',
    reservedDelta: 0,
    usedDelta: 0,
    toppedUpDelta: 0,
    month: MONTH,
    at: AT,
    ...values,
  };
}

/** The ErrandError that `promise` rejects with; throws when it does anything else. */
export async function rejection(promise: Promise<unknown>): Promise<ErrandError> {
  const error: unknown = await promise.then(
    () => new Error('it resolved'),
    (reason: unknown) => reason,
  );
  if (isErrandError(error)) return error;
  throw new Error('expected a rejection with an ErrandError', { cause: error });
}
