import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Assembly, assemble, type AssemblyOptions } from '../../src/app/assembly/assemble.js';
import { describeSource } from '../../src/app/assembly/workflow-set.js';
import type { JsonObject } from '../../src/core/json.js';
import type { Run } from '../../src/core/run/run.js';
import type { Principal, Scope } from '../../src/core/tenant/principal.js';
import { nodeKinds } from '../../src/nodes/registry.js';
import type { Services } from '../../src/service/interface/services.js';
import { defineWorkflow } from '../../src/workflow/define-workflow.js';
import { isTerminal } from '../../src/core/run/run.js';

/** A workflow that says one word. */
export function says(id: string, word: string, more: JsonObject = {}): { readonly definition: JsonObject } {
  return {
    definition: {
      id,
      name: id,
      description: `Says ${word}.`,
      nodes: [{ id: 'say', kind: 'transform', with: { word } }],
      ...more,
    },
  };
}

/** The program without its doors, and what a restart of it is. */
export class AuthoringUnderTest {
  readonly folder: string;
  readonly #options: Partial<AssemblyOptions>;
  assembly: Assembly;
  #organizations = 0;

  private constructor(folder: string, options: Partial<AssemblyOptions>, assembly: Assembly) {
    this.folder = folder;
    this.#options = options;
    this.assembly = assembly;
  }

  /** `files`: what the workflows of files say, by their ids. */
  static async start(
    options: Partial<AssemblyOptions> = {},
    files: { readonly [id: string]: string } = { shared: 'of the file' },
  ): Promise<AuthoringUnderTest> {
    const folder = mkdtempSync(join(tmpdir(), 'errand-authoring-'));
    return new AuthoringUnderTest(folder, options, await open(folder, options, files));
  }

  get services(): Services {
    return this.assembly.services;
  }

  get operator(): Principal {
    const scopes: readonly Scope[] = ['run', 'manage', 'operate'];
    return { organizationId: this.assembly.defaultOrganizationId, keyId: null, scopes };
  }

  /** Somebody of an organization of their own, who may write its workflows. */
  async newAuthor(): Promise<Principal> {
    const slug = `org-${(this.#organizations += 1)}`;
    const made = await this.services.createOrganization(this.operator, { slug, monthlyCredits: 1_000 });
    return { organizationId: made.organization.id, keyId: null, scopes: ['run', 'manage'] };
  }

  /** The word that a run of the workflow says. */
  async runOf(caller: Principal, workflowId: string, input: JsonObject = {}): Promise<Run> {
    const { run } = await this.services.runWorkflow(caller, { workflowId, input });
    return this.endOf(caller, run.id);
  }

  async endOf(caller: Principal, runId: string): Promise<Run> {
    for (;;) {
      const run = await this.services.waitForRun(caller, { runId, timeoutMs: 10_000 });
      if (isTerminal(run.status)) return run;
    }
  }

  async restart(files: { readonly [id: string]: string } = { shared: 'of the file' }): Promise<void> {
    await this.assembly.close({ graceMs: 0 });
    this.assembly = await open(this.folder, this.#options, files);
  }

  async close(): Promise<void> {
    await this.assembly.close({ graceMs: 0 });
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function open(
  folder: string,
  options: Partial<AssemblyOptions>,
  files: { readonly [id: string]: string },
): Promise<Assembly> {
  const assembly = await assemble({ data: folder, monthlyCredits: 100_000, maxActiveRuns: 50, ...options });
  await assembly.catalog.replaceAll(
    Object.entries(files).map(([id, word]) =>
      describeSource(
        defineWorkflow({
          id,
          name: id,
          description: `Says ${word}.`,
          nodes: [{ id: 'say', kind: 'transform', with: { word } }],
        }),
        nodeKinds,
      ),
    ),
  );
  await assembly.start();
  return assembly;
}
