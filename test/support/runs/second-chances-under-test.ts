import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { assemble, type Assembly } from '../../../src/app/assembly/assemble.js';
import { type Principal, SCOPES } from '../../../src/core/tenant/principal.js';
import type { Run } from '../../../src/core/run/run.js';
import { nodeKinds } from '../../../src/nodes/registry.js';
import { defineWorkflow, type NodeSpec, type WorkflowSpec } from '../../../src/workflow/define-workflow.js';
import { describeSource } from '../../../src/app/assembly/workflow-set.js';

/** A program in this process whose nodes fail as a test wants; each test has its own. */

/** How often each node was run, and which are to fail. */
export const calls = new Map<string, number>();
export const failing = new Set<string>();
export let assembly: Assembly;
export let caller: Principal;
export let folder: string;

/** To be called by the file whose tests are to have it. */
export function setUp(): void {
  beforeEach(async () => {
    calls.clear();
    failing.clear();
    folder = mkdtempSync(join(tmpdir(), 'errand-second-'));
    await open(':memory:');
  });
  afterEach(async () => {
    await assembly.close({ graceMs: 0 });
    rmSync(folder, { recursive: true, force: true });
  });
}

export async function open(data: string): Promise<void> {
  assembly = await assemble({ data, monthlyCredits: 100, maxActiveRuns: 50 });
  caller = { organizationId: assembly.defaultOrganizationId, keyId: null, scopes: SCOPES };
}

export function code(id: string, needs: readonly string[] = [], rest: Partial<NodeSpec> = {}): NodeSpec {
  return {
    id,
    kind: 'code',
    needs,
    run: ({ signal }) => {
      const count = (calls.get(id) ?? 0) + 1;
      calls.set(id, count);
      if (failing.has(id)) throw new Error(`${id} is down`);
      if (failing.has(`${id} hangs`)) return new Promise((_, reject) => signal.addEventListener('abort', reject));
      return `${id} ${count}`;
    },
    ...rest,
  };
}

export const agent = (id: string, needs: readonly string[] = []): NodeSpec =>
  code(id, needs, { role: id, label: id, on_error: 'continue' });

export async function take(nodes: readonly NodeSpec[], rest: Partial<WorkflowSpec> = {}): Promise<void> {
  const workflow = defineWorkflow({ id: 'w', name: 'W', description: 'w', credits: 25, nodes, ...rest });
  assembly.handlers.registerInline(workflow);
  await assembly.catalog.replaceAll([describeSource(workflow, nodeKinds)]);
}

export async function start(input = {}): Promise<Run> {
  return (await assembly.services.runWorkflow(caller, { workflowId: 'w', input })).run;
}

export const ended = ({ id }: Pick<Run, 'id'>): Promise<Run> =>
  assembly.services.waitForRun(caller, { runId: id, timeoutMs: 20_000 });
export const retry = ({ id }: Run): Promise<Run> => assembly.services.retryRun(caller, { runId: id });

export async function ledger(): Promise<string[]> {
  const movements = await assembly.services.listCreditMovements(caller, { limit: 100, offset: 0 });
  return movements.map(({ reservedDelta, usedDelta }) => `${reservedDelta} ${usedDelta}`).toReversed();
}

export const statuses = (run: Run): string => run.nodes.map(({ id, status }) => `${id} ${status}`).join(', ');
