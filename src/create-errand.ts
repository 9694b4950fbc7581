import { assemble, type Assembly } from './assemble.js';
import { ErrandError } from './core/errors.js';
import type { CreditBalance } from './core/credits.js';
import type { Json } from './core/json.js';
import type { Logger } from './core/logger.js';
import type { Principal } from './core/principal.js';
import { isTerminal, type Run, type RunListItem, type RunStatus } from './core/run.js';
import { nodeKinds } from './nodes/registry.js';
import { systemPrincipal } from './service/bootstrap.js';
import type { Services } from './service/services.js';
import type { DefinedWorkflow } from './workflow/define-workflow.js';
import { sourceOf } from './workflow-set.js';

export interface ErrandOptions {
  /** A folder, made when missing, or `:memory:` (the default). */
  readonly data?: string;
  readonly workflows?: readonly DefinedWorkflow[];
  /** Monthly credits of the organization `default` when it is first made; 1,000 when not given. */
  readonly monthlyCredits?: number;
  /** How many runs are driven at the same time; 500 when not given. */
  readonly maxActiveRuns?: number;
  readonly logger?: Logger;
}

export interface InOrganizationOptions {
  /** An organization's slug; `default` when not given. */
  readonly organization?: string;
}

export interface RunOptions extends InOrganizationOptions {
  /** The same key with the same input gives the same run. */
  readonly idempotencyKey?: string;
  /** An extra instruction for the run's agents. */
  readonly instruction?: string;
}

/** Errand inside your own process. Every method throws `ErrandError`. */
export interface Errand {
  /** Resolves once the run is durably recorded; the work goes on by itself. */
  runWorkflow(id: string, input?: Json, options?: RunOptions): Promise<Run>;
  /** Throws `not_found`. */
  getRun(id: string, options?: InOrganizationOptions): Promise<Run>;
  /** Resolves with the ended run; after `timeoutMs`, with the run as it then stands. */
  waitForRun(id: string, options?: InOrganizationOptions & { readonly timeoutMs?: number }): Promise<Run>;
  /** Throws `conflict` when the run has ended already. */
  cancelRun(id: string, options?: InOrganizationOptions & { readonly reason?: string }): Promise<Run>;
  /** Newest first; `limit` 20 and `offset` 0 when not given. */
  listRuns(options?: ListRunsOptions): Promise<{ readonly runs: readonly RunListItem[]; readonly total: number }>;
  getCredits(options?: InOrganizationOptions): Promise<CreditBalance>;
  createOrganization(params: {
    readonly slug: string;
    readonly name?: string;
    readonly monthlyCredits: number;
  }): Promise<void>;
  /** Lets running nodes finish for up to `graceMs` (5,000), then leaves unfinished runs to be resumed by whoever opens the data next. */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}

export interface ListRunsOptions extends InOrganizationOptions {
  readonly status?: RunStatus;
  readonly workflowId?: string;
  readonly limit?: number;
  readonly offset?: number;
}

/** The longest wait that one timer can hold. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

/** Opens a data folder, takes on these workflows, and resumes what was unfinished. */
export async function createErrand(options: ErrandOptions = {}): Promise<Errand> {
  const assembly = await assemble({
    data: options.data ?? ':memory:',
    monthlyCredits: options.monthlyCredits ?? 1_000,
    maxActiveRuns: options.maxActiveRuns ?? 500,
    ...(options.logger === undefined ? {} : { logger: options.logger }),
  });
  try {
    await takeOn(assembly, options.workflows ?? []);
    await assembly.start();
  } catch (error) {
    await assembly.close({ graceMs: 0 });
    throw error;
  }
  return facadeOf(assembly);
}

async function takeOn(assembly: Assembly, workflows: readonly DefinedWorkflow[]): Promise<void> {
  const ids = workflows.map(({ definition }) => definition.id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) {
    throw new ErrandError('invalid_definition', `Two of the workflows have the id ${JSON.stringify(twice)}.`);
  }
  const sources = workflows.map((workflow) => sourceOf(workflow, nodeKinds));
  for (const workflow of workflows) assembly.handlers.registerInline(workflow);
  await assembly.catalog.replaceAll(sources);
}

function facadeOf(assembly: Assembly): Errand {
  const { services } = assembly;
  const as = (options?: InOrganizationOptions): Promise<Principal> => principalOf(assembly, options?.organization);
  return {
    async runWorkflow(workflowId, input = {}, { idempotencyKey, instruction, ...rest } = {}) {
      const { run } = await services.runWorkflow(await as(rest), {
        workflowId,
        input,
        ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
        ...(instruction === undefined ? {} : { instruction }),
      });
      return run;
    },
    getRun: async (runId, options) => services.getRun(await as(options), { runId }),
    waitForRun: async (runId, options) => waitForEnd(services, await as(options), runId, options?.timeoutMs),
    cancelRun: async (runId, options) =>
      services.cancelRun(await as(options), {
        runId,
        ...(options?.reason === undefined ? {} : { reason: options.reason }),
      }),
    listRuns: async ({ organization, limit = 20, offset = 0, ...filters } = {}) =>
      services.listRuns(await as(organization === undefined ? {} : { organization }), { ...filters, limit, offset }),
    getCredits: async (options) => services.getCredits(await as(options)),
    createOrganization: async (params) => {
      await services.createOrganization(await as(), params);
    },
    close: (options) => assembly.close(options),
  };
}

async function principalOf(assembly: Assembly, slug: string | undefined): Promise<Principal> {
  if (slug === undefined) return systemPrincipal(assembly.defaultOrganizationId);
  const organization = await assembly.store.findOrganization({ slug });
  if (organization === null) throw new ErrandError('not_found', `There is no organization "${slug}".`);
  return systemPrincipal(organization.id);
}

async function waitForEnd(
  services: Services,
  caller: Principal,
  runId: string,
  timeoutMs: number | undefined,
): Promise<Run> {
  if (timeoutMs !== undefined) {
    return services.waitForRun(caller, { runId, timeoutMs: Math.min(timeoutMs, LONGEST_WAIT_MS) });
  }
  for (;;) {
    const run = await services.waitForRun(caller, { runId, timeoutMs: LONGEST_WAIT_MS });
    if (isTerminal(run.status)) return run;
  }
}
