import type { Durability } from '../core/ports/store/store.js';
import { DryRunner } from './trial/dry-runner.js';
import { nodeClock } from './process/node-clock.js';
import { setMaxListeners } from 'node:events';
import { resolve } from 'node:path';
import { assemble, type Assembly } from './assembly/assemble.js';
import { ErrandError, errorMessage } from '../core/errors.js';
import type { CreditBalance } from '../core/run/credits.js';
import type { Json } from '../core/json.js';
import type { McpServersConfig } from '../core/ports/mcp-servers-config.js';
import { HOST_RANGES, type HostRange } from '../core/ports/outbound.js';
import type { Logger } from '../core/ports/logger.js';
import type { Principal } from '../core/tenant/principal.js';
import { isTerminal, type Run, type RunListItem, type RunStatus } from '../core/run/run.js';
import type { FoundRuns } from '../core/ports/store/run-store.js';
import type { RunLabels } from '../core/search/labels.js';
import type { Priority, ResourceLimits } from '../core/tenant/scheduling.js';
import { type LibraryRestate, readLibraryCluster } from './library/library-cluster.js';
import { readLibraryModels, type LibraryModels } from './library/library-models.js';
import { nodeKinds } from '../nodes/registry.js';
import { parseHostRules, type OutboundOptions } from './config/wire-outbound.js';
import { systemPrincipal } from '../service/organizations/bootstrap.js';
import type { RunFilter } from '../service/interface/run-filter.js';
import type { Services, UsageOfMonth } from '../service/interface/services.js';
import { isDefinedWorkflow, type DefinedWorkflow } from '../workflow/defined-workflow.js';
import { toPlainJson } from '../workflow/schema/plain-json.js';
import { readMcpServers, type McpServerDefinition } from '../declarations/read-mcp-servers.js';
import { readResources, type ResourceDefinition } from '../declarations/read-resources.js';
import { assertCallsAreFound, describeSource } from './assembly/workflow-set.js';

export interface ErrandOptions {
  /** A folder, made when missing, or `:memory:` (the default). */
  readonly data?: string;
  /** `full` (the default): what is acknowledged survives a power cut. `relaxed`: it survives a crash of the process. */
  readonly durability?: Durability;
  /**
   * Records are in this Postgres database, which several processes with the same workflows share:
   * `postgresql://user:password@host:5432/errand`. Needs `restate` and `models.secretKey`; `data` then holds
   * nothing that matters.
   */
  readonly database?: string;
  /** The same database past a pooler, where `database` leads through one: what other processes do is known sooner. */
  readonly databaseListen?: string;
  /** Which Restate gives the processes their runs. */
  readonly restate?: LibraryRestate;
  readonly workflows?: readonly DefinedWorkflow[];
  /** Monthly credits of the organization `default` when it is first made; 1,000 when not given. */
  readonly monthlyCredits?: number;
  /** How many runs are driven at the same time; 500 when not given. */
  readonly maxActiveRuns?: number;
  /** How many nodes work at the same time, over all runs; no limit when not given. */
  readonly maxActiveNodes?: number;
  /** How much of one organization goes on at the same time; no limit when not given. */
  readonly organizationLimits?: { readonly runs?: number; readonly nodes?: number };
  /** What nodes name as their `resource`: `{ crm_api: { concurrency: 4, per_minute: 60 } }`. */
  readonly resources?: { readonly [name: string]: ResourceDefinition };
  /**
   * Whose tools nodes can call, as in `mcp-servers.yaml`:
   * `{ crm: { url: 'https://…', headers: { authorization: 'Bearer ${CRM_KEY}' } } }`.
   */
  readonly mcpServers?: { readonly [name: string]: McpServerDefinition };
  /** Which models nodes can ask: `{ default: 'openai/gpt-5-mini' }`. Keys come from the environment. */
  readonly models?: LibraryModels;
  /**
   * Where requests of nodes may go: everywhere but to link-local and metadata addresses (`any`, the default) or to
   * hosts on the internet (`public`), and to what `allow` names: `['crm.internal:8080', '10.0.0.0/8']`. Proxies come
   * from the environment.
   */
  readonly outbound?: { readonly hosts?: HostRange; readonly allow?: readonly string[] };
  readonly logger?: Logger;
}

export interface InOrganizationOptions {
  /** An organization's slug; `default` when not given. */
  readonly organization?: string;
}

export interface RunOptions extends InOrganizationOptions, RunLabels {
  /** The same key with the same input returns the same run. */
  readonly idempotencyKey?: string;
  /** An extra instruction for the run's agents. */
  readonly instruction?: string;
  /** Which of the organization's pending runs goes first; `normal` when not given. */
  readonly priority?: Priority;
}

/** Errand inside your own process. Every method throws `ErrandError`. */
export interface Errand {
  /** Resolves once the run is durably recorded; the work goes on by itself. */
  runWorkflow(id: string, input?: Json, options?: RunOptions): Promise<Run>;
  /** Throws `not_found`. */
  getRun(id: string, options?: InOrganizationOptions): Promise<Run>;
  /**
   * Resolves with the ended run; after `timeoutMs`, with the run as it then stands. Throws `unavailable` when Errand is
   * closed before.
   */
  waitForRun(id: string, options?: InOrganizationOptions & { readonly timeoutMs?: number }): Promise<Run>;
  /**
   * Answers what a node asks (`ask`). Throws `invalid_input` when the answer does not fit, `conflict` when the node
   * does not wait for one.
   */
  answerRun(id: string, nodeId: string, answer: Json, options?: InOrganizationOptions): Promise<Run>;
  /** Throws `conflict` when the run has ended already. */
  cancelRun(id: string, options?: InOrganizationOptions & { readonly reason?: string }): Promise<Run>;
  /**
   * Runs again what failed of an ended run and what depends on it. Throws `conflict` when the run goes on or has
   * completed.
   */
  retryRun(id: string, options?: InOrganizationOptions): Promise<Run>;
  /** Does the work of a run once more, in a new run; from `fromNode` on when given. */
  rerun(id: string, options?: RerunOptions): Promise<Run>;
  /** Newest first; `limit` 20 and `offset` 0 when not given. */
  listRuns(options?: ListRunsOptions): Promise<{ readonly runs: readonly RunListItem[]; readonly total: number }>;
  /**
   * Finds runs by status, workflow, tags, fields and time, newest first; `limit` 20 when not given. `nextBeforeId` is
   * the `beforeId` of the next page.
   */
  searchRuns(options?: SearchRunsOptions): Promise<FoundRuns>;
  getCredits(options?: InOrganizationOptions): Promise<CreditBalance>;
  /** What models have used for an organization in a month (`2026-11`, UTC); in this one when not given. */
  getUsage(options?: InOrganizationOptions & { readonly month?: string }): Promise<UsageOfMonth>;
  /** Sets an organization's own key for a provider of models; null removes it. It is kept encrypted. */
  setModelKey(provider: string, key: string | null, options?: InOrganizationOptions): Promise<void>;
  createOrganization(params: {
    readonly slug: string;
    readonly name?: string;
    readonly monthlyCredits: number;
  }): Promise<void>;
  /**
   * Lets running nodes finish for up to `graceMs` (5,000), then leaves unfinished runs to be resumed by whoever opens
   * the data next.
   */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}

export interface RerunOptions extends RunOptions {
  /** The earlier run's when not given; not together with `fromNode`. */
  readonly input?: Json;
  readonly fromNode?: string;
  /** On the version of the earlier run, and not on the newest. */
  readonly sameVersion?: boolean;
}

export interface ListRunsOptions extends InOrganizationOptions {
  readonly status?: RunStatus;
  readonly workflowId?: string;
  readonly limit?: number;
  readonly offset?: number;
}

export interface SearchRunsOptions extends InOrganizationOptions, RunFilter {
  readonly limit?: number;
  readonly beforeId?: string;
}

/** The longest wait that one timer can hold. */
const MAX_WAIT_MS = 2 ** 31 - 1;

/** Opens a data folder, takes on these workflows, and resumes what was unfinished. */
export async function createErrand(options: ErrandOptions = {}): Promise<Errand> {
  checkOptions(options);
  const resources = toResourceLimits(options.resources ?? {});
  const mcpServers = toMcpServersConfig(options.mcpServers ?? {});
  const assembly = await assemble({
    data: options.data ?? ':memory:',
    durability: options.durability ?? 'full',
    cluster: readLibraryCluster(options),
    monthlyCredits: options.monthlyCredits ?? 1_000,
    maxActiveRuns: options.maxActiveRuns ?? 500,
    maxActiveNodes: options.maxActiveNodes ?? null,
    organizationLimits: { runs: null, nodes: null, ...options.organizationLimits },
    resources,
    models: readLibraryModels(options.models ?? {}),
    outbound: outboundOf(options.outbound ?? {}),
    dryRuns: new DryRunner({ clock: nodeClock }),
    ...(options.logger === undefined ? {} : { logger: options.logger }),
  });
  try {
    assembly.mcp.configure(mcpServers);
    await takeOn({
      assembly,
      workflows: options.workflows ?? [],
      resources: new Set(resources.keys()),
      mcpServers: new Set(mcpServers.keys()),
    });
    await assembly.start();
  } catch (error) {
    await assembly.close({ graceMs: 0 });
    throw error;
  }
  return createFacade(assembly);
}

/** What the compiler would refuse, for callers without one; and what it cannot. */
function checkOptions(options: ErrandOptions): void {
  const { data, workflows = [], organizationLimits = {} } = options;
  if (data !== undefined && (typeof data !== 'string' || data === '')) {
    throw new ErrandError('invalid_input', '"data" must be a folder\'s path or ":memory:".');
  }
  if (!Array.isArray(workflows) || !workflows.every(isDefinedWorkflow)) {
    throw new ErrandError('invalid_input', '"workflows" must be an array of what defineWorkflow returns.');
  }
  const { maxActiveRuns, maxActiveNodes } = options;
  const limits = { maxActiveRuns, maxActiveNodes, runs: organizationLimits.runs, nodes: organizationLimits.nodes };
  for (const [name, limit] of Object.entries(limits)) {
    if (limit === undefined || (Number.isInteger(limit) && limit >= 1)) continue;
    throw new ErrandError('invalid_input', `"${name}" must be a whole number from 1 on, not ${limit}.`);
  }
}

async function takeOn(params: {
  readonly assembly: Assembly;
  readonly workflows: readonly DefinedWorkflow[];
  readonly resources: ReadonlySet<string>;
  readonly mcpServers: ReadonlySet<string>;
}): Promise<void> {
  const { assembly, workflows, resources, mcpServers } = params;
  const ids = workflows.map(({ definition }) => definition.id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) {
    throw new ErrandError('invalid_definition', `Two of the workflows have the id ${JSON.stringify(twice)}.`);
  }
  const sources = workflows.map((workflow) => describeSource(workflow, nodeKinds, resources));
  assertCallsAreFound(workflows, nodeKinds, mcpServers);
  for (const workflow of workflows) assembly.handlers.registerInline(workflow);
  await assembly.catalog.replaceAll(sources);
}

function toResourceLimits(resources: NonNullable<ErrandOptions['resources']>): ReadonlyMap<string, ResourceLimits> {
  const checked = readResources(resources);
  const [fault] = checked.faults;
  if (fault !== undefined) throw new ErrandError('invalid_input', `resources.${fault.path}: ${fault.message}`);
  return checked.resources;
}

function outboundOf({ hosts = 'any', allow = [] }: NonNullable<ErrandOptions['outbound']>): OutboundOptions {
  if (!HOST_RANGES.includes(hosts)) {
    throw new ErrandError('invalid_input', `"outbound.hosts" must be one of ${HOST_RANGES.join(', ')}.`);
  }
  return { hosts, allow: parseHostRules(allow.join(','), '"outbound.allow"'), env: process.env };
}

function toMcpServersConfig(declared: NonNullable<ErrandOptions['mcpServers']>): McpServersConfig {
  const checked = readMcpServers({ value: declared, env: process.env, resolvePath: (path) => resolve(path) });
  const [fault] = checked.faults;
  if (fault !== undefined) throw new ErrandError('invalid_input', `mcpServers.${fault.path}: ${fault.message}`);
  return checked.servers;
}

function createFacade(assembly: Assembly): Errand {
  const { services } = assembly;
  const as = (options?: InOrganizationOptions): Promise<Principal> => resolvePrincipal(assembly, options?.organization);
  const closed = new AbortController();
  // Every wait for a run listens.
  setMaxListeners(0, closed.signal);
  return {
    async runWorkflow(workflowId, given = {}, { idempotencyKey, instruction, priority, tags, metadata, ...rest } = {}) {
      const input = ownJson(given);
      assertText({ idempotencyKey, instruction });
      const { run } = await services.runWorkflow(await as(rest), {
        workflowId,
        input,
        ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
        ...(instruction === undefined ? {} : { instruction }),
        ...(priority === undefined ? {} : { priority }),
        ...(tags === undefined ? {} : { tags }),
        ...(metadata === undefined ? {} : { metadata }),
      });
      return run;
    },
    getRun: async (runId, options) => services.getRun(await as(options), { runId }),
    waitForRun: async (runId, options) =>
      waitForEnd(services, await as(options), { runId, timeoutMs: options?.timeoutMs, signal: closed.signal }),
    answerRun: async (runId, nodeId, answer, options) =>
      services.answerRun(await as(options), { runId, nodeId, answer: ownJson(answer) }),
    async cancelRun(runId, { reason, ...rest } = {}) {
      assertText({ reason });
      return services.cancelRun(await as(rest), { runId, ...(reason === undefined ? {} : { reason }) });
    },
    retryRun: async (runId, options) => services.retryRun(await as(options), { runId }),
    async rerun(runId, { organization, input, ...rest } = {}) {
      const params = { runId, ...rest, ...(input === undefined ? {} : { input: ownJson(input) }) };
      return (await services.rerun(await as(organization === undefined ? {} : { organization }), params)).run;
    },
    listRuns: async ({ organization, limit = 20, offset = 0, ...filters } = {}) =>
      services.listRuns(await as(organization === undefined ? {} : { organization }), { ...filters, limit, offset }),
    searchRuns: async ({ organization, limit = 20, ...filter } = {}) =>
      services.searchRuns(await as(organization === undefined ? {} : { organization }), { ...filter, limit }),
    getCredits: async (options) => services.getCredits(await as(options)),
    getUsage: async ({ month, ...options } = {}) =>
      services.getUsage(await as(options), month === undefined ? {} : { month }),
    async setModelKey(provider, key, options) {
      assertText({ provider, ...(key === null ? {} : { key }) });
      if (key === null) await services.removeModelCredential(await as(options), { provider });
      else await services.setModelCredential(await as(options), { provider, key });
    },
    createOrganization: async (params) => {
      await services.createOrganization(await as(), params);
    },
    async close(options) {
      try {
        await assembly.close(options);
      } finally {
        closed.abort();
      }
    },
  };
}

/** A copy, so that the run gets what was checked and recorded, whatever the caller does with its object later. */
function ownJson(input: Json): Json {
  try {
    return toPlainJson(input);
  } catch (error) {
    throw new ErrandError('invalid_input', `The input is not JSON: ${errorMessage(error)}.`, { cause: error });
  }
}

function assertText(options: { readonly [name: string]: unknown }): void {
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined && typeof value !== 'string') {
      throw new ErrandError('invalid_input', `"${name}" must be a text, not a ${typeof value}.`);
    }
  }
}

async function resolvePrincipal(assembly: Assembly, slug: string | undefined): Promise<Principal> {
  if (slug === undefined) return systemPrincipal(assembly.defaultOrganizationId);
  assertText({ organization: slug });
  const organization = await assembly.store.organizations.find({ slug });
  if (organization === null) throw new ErrandError('not_found', `There is no organization "${slug}".`);
  return systemPrincipal(organization.id);
}

async function waitForEnd(
  services: Services,
  caller: Principal,
  params: { readonly runId: string; readonly timeoutMs: number | undefined; readonly signal: AbortSignal },
): Promise<Run> {
  const { runId, timeoutMs, signal } = params;
  for (;;) {
    const run = await services.waitForRun(caller, {
      runId,
      timeoutMs: Math.min(timeoutMs ?? MAX_WAIT_MS, MAX_WAIT_MS),
      signal,
    });
    if (isTerminal(run.status)) return run;
    if (signal.aborted) {
      throw new ErrandError(
        'unavailable',
        `Errand was closed before the run ended: it is ${run.status}, and goes on when the data is opened again.`,
      );
    }
    if (timeoutMs !== undefined) return run;
  }
}
