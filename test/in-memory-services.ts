import { randomUUID } from 'node:crypto';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Clock } from '../src/core/ports/clock.js';
import { nextMonthStart, type CreditBalance, type CreditMovement } from '../src/core/run/credits.js';
import type { WorkflowRecord } from '../src/core/workflow/definition.js';
import { NO_WAITS, type WaitReasons } from '../src/core/ports/engine.js';
import { ErrandError } from '../src/core/errors.js';
import type { RunEvent, RunEventBody } from '../src/core/run/events.js';
import { applyEvent } from '../src/core/run/apply-event.js';
import type { Json } from '../src/core/json.js';
import type { ModelsDescription, ModelTest } from '../src/core/models/model-directory.js';
import { NO_USAGE } from '../src/core/models/models.js';
import type { Principal } from '../src/core/tenant/principal.js';
import { listAgents, isTerminal, type Run } from '../src/core/run/run.js';
import type { ApiKey } from '../src/core/tenant/api-key.js';
import type { Grant } from '../src/core/tenant/grant.js';
import type { Organization } from '../src/core/tenant/organization.js';
import { changeSettings } from '../src/service/organizations/organization-settings.js';
import type {
  CreateKeyParams,
  FollowRunParams,
  ListRunsParams,
  ModelCredentialView,
  RerunParams,
  RerunResult,
  RunWorkflowParams,
  RunWorkflowResult,
  Services,
  UpdateOrganizationParams,
  UsageOfMonth,
  WaitForRunParams,
} from '../src/service/interface/services.js';
import type { InOrganization } from '../src/service/interface/in-organization.js';
import { nodeClock } from '../src/app/process/node-clock.js';
import { sampleRun } from './sample-records.js';

interface Kept {
  run: Run;
  input: Json;
  instruction: string | null;
  events: RunEvent[];
}

/** The services over plain maps: no engine, so a run stays where a test puts it. */
export class InMemoryServices implements Services {
  readonly createSchedule = refuse;
  readonly listSchedules = refuse;
  readonly getSchedule = refuse;
  readonly updateSchedule = refuse;
  readonly deleteSchedule = refuse;
  readonly previewTimes = refuse;
  readonly onSchedulesChanged = () => () => undefined;
  clock: Clock = nodeClock;
  readonly runs = new Map<string, Kept>();
  readonly keys: ApiKey[] = [];
  readonly organizations: Organization[] = [];
  monthlyLimit = 100;
  /** What `runWorkflow` fails with instead of recording a run. */
  dispatchFault: Error | null = null;
  /** What `checkReady` fails with. */
  readyFault: Error | null = null;
  readyChecks = 0;
  #workflows: readonly WorkflowRecord[];
  readonly #workflowListeners = new Set<() => void>();
  readonly #listeners = new Set<() => void>();

  constructor(workflows: readonly WorkflowRecord[]) {
    this.#workflows = workflows;
  }

  /** How many callers wait for something to happen. */
  get waiters(): number {
    return this.#listeners.size;
  }

  /** Puts a run there as it is. */
  put(run: Run): Run {
    this.runs.set(run.id, { run, input: {}, instruction: null, events: [] });
    return run;
  }

  /** Adds to a run's log, and so to its record. */
  append(runId: string, body: RunEventBody): void {
    const kept = this.runs.get(runId);
    if (kept === undefined) throw new Error(`no run ${runId}`);
    const event: RunEvent = { ...body, seq: kept.run.version + 1, at: kept.run.createdAt + kept.run.version };
    kept.events.push(event);
    kept.run = applyEvent(kept.run, event);
    for (const listener of this.#listeners) listener();
  }

  async listWorkflows(): Promise<readonly WorkflowRecord[]> {
    return this.#workflows;
  }

  async getWorkflow(_caller: Principal, { workflowId }: { workflowId: string }): Promise<WorkflowRecord> {
    const found = this.#workflows.find((workflow) => workflow.version.workflowId === workflowId);
    if (found === undefined) throw new ErrandError('not_found', `There is no workflow "${workflowId}".`);
    return found;
  }

  async runWorkflow(caller: Principal, params: RunWorkflowParams): Promise<RunWorkflowResult> {
    const workflow = await this.getWorkflow(caller, params);
    const { definition } = workflow.version;
    const validate = new Ajv2020({ allErrors: true }).compile(definition.input ?? {});
    if (!validate(params.input)) {
      const problems = (validate.errors ?? []).map((error) => ({
        path: error.instancePath,
        message: error.message ?? '',
      }));
      throw new ErrandError('invalid_input', 'The input does not fit.', { problems });
    }
    if (this.dispatchFault !== null) throw this.dispatchFault;
    const cost = definition.credits ?? 0;
    const { available } = await this.getCredits(caller);
    if (available < cost)
      throw new ErrandError('insufficient_credits', `It costs ${cost}; ${available} are available.`);
    const run = this.put(
      sampleRun({
        id: randomUUID(),
        organizationId: caller.organizationId,
        workflowId: definition.id,
        workflowName: definition.name,
        creditsReserved: cost,
      }),
    );
    const { input, instruction = null } = params;
    const created: RunEvent = { kind: 'run.created', input, instruction, seq: 1, at: run.createdAt };
    this.runs.set(run.id, { run, input, instruction, events: [created] });
    return { run, workflow, created: true };
  }

  async getRun(caller: Principal, { runId }: { runId: string }): Promise<Run> {
    return this.#kept(caller, runId).run;
  }

  async waitForRun(caller: Principal, { runId, sinceVersion, timeoutMs, signal }: WaitForRunParams): Promise<Run> {
    const isEnough = (run: Run) => isTerminal(run.status) || (sinceVersion !== undefined && run.version > sinceVersion);
    const until = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal === undefined ? [] : [signal])]);
    for (;;) {
      const run = await this.getRun(caller, { runId });
      if (isEnough(run) || until.aborted) return run;
      await this.#change(until);
    }
  }

  async listRuns(caller: Principal, { status, workflowId, beforeId, limit, offset }: ListRunsParams) {
    const fitting = [...this.runs.values()]
      .map(({ run }) => run)
      .filter((run) => run.organizationId === caller.organizationId)
      .filter((run) => status === undefined || run.status === status)
      .filter((run) => workflowId === undefined || run.workflowId === workflowId)
      .toReversed();
    const runs = fitting
      .filter((run) => beforeId === undefined || run.id < beforeId)
      .slice(offset, offset + limit)
      .map((run) => ({ ...run, nodes: undefined, output: undefined, agentCount: listAgents(run).length }));
    return { runs, total: fitting.length };
  }

  async cancelRun(caller: Principal, { runId, reason = 'asked' }: { runId: string; reason?: string }): Promise<Run> {
    const { run } = this.#kept(caller, runId);
    if (run.status === 'cancelled') return run;
    if (isTerminal(run.status)) throw new ErrandError('conflict', `The run is already ${run.status}.`);
    this.append(runId, { kind: 'run.cancelled', reason });
    return await this.getRun(caller, { runId });
  }

  async answerRun(caller: Principal, { runId, nodeId, answer }: { runId: string; nodeId: string; answer: Json }) {
    const { run } = this.#kept(caller, runId);
    const node = run.nodes.find(({ id }) => id === nodeId);
    if (node?.question === undefined) throw new ErrandError('conflict', 'This node does not wait for an answer.');
    this.append(runId, { kind: 'node.answered', nodeId, attempt: node.attempt, answer, by: 'caller' });
    return await this.getRun(caller, { runId });
  }

  async listNodeItems(caller: Principal, { runId }: { runId: string }) {
    await this.getRun(caller, { runId });
    return { items: [], nextAfterSeq: null };
  }

  async retryRun(caller: Principal, { runId }: { runId: string }): Promise<Run> {
    const { run } = this.#kept(caller, runId);
    if (!isTerminal(run.status)) throw new ErrandError('conflict', `The run is ${run.status}.`);
    const resumed = run.nodes.filter(({ status }) => status !== 'completed').map(({ id }) => id);
    this.append(runId, { kind: 'run.retried', resumed, reset: [] });
    return await this.getRun(caller, { runId });
  }

  async rerun(caller: Principal, { runId, input, fromNode }: RerunParams): Promise<RerunResult> {
    const kept = this.#kept(caller, runId);
    const again = { workflowId: kept.run.workflowId, input: input ?? kept.input };
    const { run } = await this.runWorkflow(caller, again);
    return { run: this.put({ ...run, rerunOf: { runId, fromNode: fromNode ?? null } }), created: true };
  }

  async getRunInput(caller: Principal, { runId }: { runId: string }) {
    const { input, instruction } = this.#kept(caller, runId);
    return { input, instruction };
  }

  async listRunEvents(caller: Principal, params: { runId: string; afterSeq: number; limit: number }) {
    const { events } = this.#kept(caller, params.runId);
    const after = events.filter((event) => event.seq > params.afterSeq);
    const page = after.slice(0, params.limit);
    return { events: page, nextAfterSeq: page.length < after.length ? (page.at(-1)?.seq ?? null) : null };
  }

  async *watchRun(caller: Principal, params: { runId: string; afterSeq: number; signal: AbortSignal }) {
    let seen = params.afterSeq;
    while (!params.signal.aborted) {
      const { events, run } = this.#kept(caller, params.runId);
      for (const event of events.filter((candidate) => candidate.seq > seen)) {
        yield event;
        seen = event.seq;
      }
      if (isTerminal(run.status)) return;
      await this.#change(params.signal);
    }
  }

  onKeyEnded() {
    return () => undefined;
  }

  async followRun(caller: Principal, { runId, listener }: FollowRunParams) {
    const { run } = this.#kept(caller, runId);
    const own = () => listener(this.#kept(caller, runId).run);
    this.#listeners.add(own);
    return { run, stop: () => void this.#listeners.delete(own) };
  }

  async *listNodeOutputs(caller: Principal, { runId }: { runId: string }) {
    for (const event of this.#kept(caller, runId).events) {
      if (event.kind === 'node.completed') yield { nodeId: event.nodeId, output: event.output };
    }
  }

  onWorkflowsChanged(listener: () => void): () => void {
    this.#workflowListeners.add(listener);
    return () => void this.#workflowListeners.delete(listener);
  }

  /** Takes these in the place of the workflows that were there. */
  replaceWorkflows(workflows: readonly WorkflowRecord[]): void {
    this.#workflows = workflows;
    for (const listener of this.#workflowListeners) listener();
  }

  async getCredits(caller: Principal): Promise<CreditBalance> {
    const own = [...this.runs.values()].filter(({ run }) => run.organizationId === caller.organizationId);
    const reserved = own
      .filter(({ run }) => !isTerminal(run.status))
      .reduce((sum, { run }) => sum + run.creditsReserved, 0);
    const usedThisMonth = own.reduce((sum, { run }) => sum + run.creditsConsumed, 0);
    return {
      available: Math.max(0, this.monthlyLimit - reserved - usedThisMonth),
      reserved,
      usedThisMonth,
      monthlyLimit: this.monthlyLimit,
      resetAt: nextMonthStart(Date.UTC(2026, 10, 21)),
    };
  }

  async listCreditMovements(caller: Principal): Promise<readonly CreditMovement[]> {
    return [...this.runs.values()].map(({ run }) => ({
      id: run.id,
      organizationId: caller.organizationId,
      runId: run.id,
      kind: 'reserve' as const,
      reservedDelta: run.creditsReserved,
      usedDelta: 0,
      month: '2026-11',
      at: run.createdAt,
    }));
  }

  async setCreditLimit(caller: Principal, { monthlyCredits }: { monthlyCredits: number }): Promise<CreditBalance> {
    this.monthlyLimit = monthlyCredits;
    return await this.getCredits(caller);
  }

  async createOrganization(
    _: Principal,
    { slug, name = slug }: { slug: string; name?: string },
  ): Promise<{ organization: Organization; created: boolean }> {
    const organization = { id: randomUUID(), slug, name, createdAt: Date.UTC(2026, 10, 21) };
    this.organizations.push(organization);
    return { organization, created: true };
  }

  async updateOrganization(_: Principal, { organization, name, ...change }: UpdateOrganizationParams) {
    const index = this.organizations.findIndex(({ id, slug }) => id === organization || slug === organization);
    const found = this.organizations[index];
    if (found === undefined) throw new ErrandError('not_found', `There is no organization "${organization}".`);
    const changed = { ...found, name: name ?? found.name, settings: changeSettings(found.settings ?? {}, change) };
    this.organizations[index] = changed;
    return changed;
  }

  /** What `explainWaits` says, of every run. */
  waits: WaitReasons = NO_WAITS;

  async explainWaits(): Promise<WaitReasons> {
    return this.waits;
  }

  async listOrganizations() {
    return { organizations: this.organizations, total: this.organizations.length };
  }

  async createKey(caller: Principal, { name, scopes, expiresAt }: CreateKeyParams) {
    const apiKey: ApiKey = {
      id: randomUUID(),
      organizationId: caller.organizationId,
      name,
      hash: randomUUID(),
      hint: 'sk_live_Ab3d',
      scopes,
      createdAt: Date.UTC(2026, 10, 21),
      expiresAt: expiresAt ?? null,
      revokedAt: null,
      lastUsedAt: null,
    };
    this.keys.push(apiKey);
    return { key: `sk_live_${'x'.repeat(32)}`, apiKey, created: true };
  }

  async listKeys(): Promise<readonly ApiKey[]> {
    return this.keys;
  }

  async revokeKey(_: Principal, { keyId }: InOrganization & { keyId: string }): Promise<void> {
    const index = this.keys.findIndex((key) => key.id === keyId);
    if (index < 0) throw new ErrandError('not_found', 'There is no key with this id.');
    this.keys.splice(index, 1);
  }

  async listGrants(): Promise<readonly Grant[]> {
    return [];
  }

  async revokeGrant(): Promise<void> {
    throw new ErrandError('not_found', 'There is no grant with this id.');
  }

  /** By workflow id, what `listNotReady` says. */
  readonly notReady = new Map<string, string>();

  async listNotReady(): Promise<ReadonlyMap<string, string>> {
    return this.notReady;
  }

  async describeModels(): Promise<ModelsDescription> {
    return { providers: [], aliases: [], priced: [] };
  }

  async testModel(): Promise<ModelTest> {
    return { ok: false, kind: 'model_not_configured', message: 'There are no models here.' };
  }

  async listModelCredentials(): Promise<readonly ModelCredentialView[]> {
    return [];
  }

  async setModelCredential(_: Principal, { provider, key }: { provider: string; key: string }) {
    return { provider, hint: key.slice(-4), createdAt: Date.UTC(2026, 10, 21) };
  }

  async removeModelCredential(): Promise<void> {}

  async getUsage(): Promise<UsageOfMonth> {
    return { month: '2026-11', models: [], total: NO_USAGE };
  }

  async checkReady(): Promise<void> {
    this.readyChecks += 1;
    await new Promise((resolve) => setImmediate(resolve));
    if (this.readyFault !== null) throw this.readyFault;
  }

  #kept(caller: Principal, runId: string): Kept {
    const kept = this.runs.get(runId);
    if (kept === undefined || kept.run.organizationId !== caller.organizationId) {
      throw new ErrandError('not_found', 'There is no run with this id.');
    }
    return kept;
  }

  /** Resolves when anything changed or the signal aborts. */
  async #change(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        this.#listeners.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#listeners.add(done);
      signal.addEventListener('abort', done);
    });
  }
}

const refuse = (): Promise<never> => Promise.reject(new Error('there are no schedules here'));
