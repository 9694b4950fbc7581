import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { examine } from '../../app/assembly/data-folder.js';
import { assemble, type Assembly } from '../../app/assembly/assemble.js';
import type { Logger } from '../../core/ports/logger.js';
import { silentLogger } from '../../core/ports/logger.js';
import { SCOPES, type Principal } from '../../core/tenant/principal.js';
import type { Run } from '../../core/run/run.js';
import { loadFolder } from '../../loader/load-folder.js';
import { nodeKinds } from '../../nodes/registry.js';
import type { GivenBundle } from '../interface/authoring.js';
import { serveWorkflows } from '../../app/assembly/serve-workflows.js';
import { loadConfig } from '../../app/config/config.js';

let folder: string;
let assembly: Assembly;
let caller: Principal;
const warnings: string[] = [];
const logger: Logger = { ...silentLogger, warn: (_, message) => warnings.push(message) };

beforeEach(async () => {
  warnings.length = 0;
  folder = mkdtempSync(join(tmpdir(), 'errand-sweep-'));
  mkdirSync(join(folder, 'data'), { mode: 0o700 });
  mkdirSync(join(folder, 'workflows'));
  mkdirSync(handlers(), { recursive: true });
  await open();
});
afterEach(async () => {
  await assembly.close({ graceMs: 0 });
  rmSync(folder, { recursive: true, force: true });
});

const data = (): string => join(folder, 'data');

async function open(): Promise<void> {
  const published = { published: 'organizations', packagesFrom: folder } as const;
  assembly = await assemble({ data: data(), monthlyCredits: 100, maxActiveRuns: 50, logger, handlers: published });
  caller = { organizationId: assembly.defaultOrganizationId, keyId: null, scopes: SCOPES };
}

/** Writes workflow `id` with a handler that gives `answer`, or fails with it. */
function write(id: string, answer: string, more = ''): void {
  const code = answer.startsWith('fail')
    ? `export default () => { throw new Error('${answer}'); };`
    : `export default () => '${answer}';`;
  writeFileSync(join(folder, 'workflows', `${id}.mjs`), code);
  const node = `{ id: n, kind: code, uses: ./${id}.mjs }`;
  writeFileSync(
    join(folder, 'workflows', `${id}.yaml`),
    `id: ${id}\nname: W\ndescription: w\nnodes:\n  - ${node}\n${more}`,
  );
}

async function load(): Promise<void> {
  const loaded = await loadFolder({ dir: join(folder, 'workflows'), kinds: nodeKinds, dataDir: data() });
  expect(loaded.faults).toEqual([]);
  await assembly.catalog.replaceAll(loaded.workflows);
}

async function take(id: string, answer: string, more = ''): Promise<string> {
  const before = new Set(bundles());
  write(id, answer, more);
  await load();
  return bundles().find((name) => !before.has(name)) ?? '';
}

const handlers = (): string => join(data(), 'handlers');
const bundles = (): string[] => readdirSync(handlers()).toSorted();
const tidy = (): Promise<unknown> => assembly.housekeeper.runOnce();

async function run(workflowId = 'w'): Promise<Run> {
  const started = await assembly.services.runWorkflow(caller, { workflowId, input: {} });
  return ended(started.run);
}

const ended = ({ id }: Pick<Run, 'id'>): Promise<Run> =>
  assembly.services.waitForRun(caller, { runId: id, timeoutMs: 20_000 });

async function remove({ id }: Run): Promise<void> {
  const { organizationId } = caller;
  expect(await assembly.store.retention.deleteRuns({ organizationId, runIds: [id], completedBefore: null })).toBe(1);
}

/** Has something happen just after the store was asked which versions runs are on. */
function afterLook(happens: () => Promise<unknown>): void {
  const { runs } = assembly.store;
  const listVersions = runs.listVersions.bind(runs);
  runs.listVersions = async (params) => {
    runs.listVersions = listVersions;
    const answer = await listVersions(params);
    await happens();
    return answer;
  };
}

describe('the code of workflow versions', () => {
  it('is removed when the version was replaced and no run is on it', async () => {
    const [first, second] = [await take('w', 'one'), await take('w', 'two')];
    const other = await take('other', 'three');
    await assembly.start();
    expect(bundles()).toEqual([first, second, other].toSorted());
    await tidy();
    expect(bundles()).toEqual([second, other].toSorted());
    expect(await run()).toMatchObject({ output: 'two' });
  });

  it('stays while a run of the version is kept, which can be retried and rerun on it, and goes when that run is gone', async () => {
    const first = await take('w', 'fail one');
    await assembly.start();
    const failed = await run();
    const second = await take('w', 'two');
    await tidy();
    await tidy();
    expect(bundles()).toEqual([first, second].toSorted());
    await assembly.services.retryRun(caller, { runId: failed.id });
    expect((await ended(failed)).error).toMatchObject({ message: 'fail one' });
    const again = await assembly.services.rerun(caller, { runId: failed.id, sameVersion: true });
    expect((await ended(again.run)).error).toMatchObject({ message: 'fail one' });
    await remove(failed);
    await tidy();
    expect(bundles()).toHaveLength(2);
    await remove(again.run);
    await tidy();
    expect(bundles()).toEqual([second]);
  });

  it('stays over a restart while a run of the version is kept, and goes when there is none', async () => {
    const first = await take('w', 'one');
    await assembly.start();
    const old = await run();
    await take('w', 'two');
    await assembly.close({ graceMs: 0 });
    await open();
    await load();
    await assembly.start();
    await tidy();
    expect(bundles()).toContain(first);
    await assembly.close({ graceMs: 0 });
    await open();
    await load();
    await remove(old);
    await tidy();
    expect(bundles()).not.toContain(first);
  });

  it('stays for a version that a workflow node names, or may name', async () => {
    const first = await take('w', 'one');
    await take('w', 'two');
    const third = await take('w', 'three');
    const calls = (version: string): string => `  - { id: c, kind: workflow, workflow: w, version: ${version} }\n`;
    const caller1 = await take('caller', 'c', calls('1'));
    await assembly.start();
    await tidy();
    expect(bundles()).toEqual([first, third, caller1].toSorted());
    expect((await run('caller')).status).toBe('completed');
    const fourth = await take('w', 'four');
    await take('caller', 'c', calls("'{{ input.version }}'"));
    await tidy();
    expect(bundles()).toEqual([first, third, fourth, caller1].toSorted());
  });

  it('stays when it is of use again by the time that it was to go', async () => {
    const first = await take('w', 'one');
    const second = await take('w', 'two');
    await assembly.start();
    afterLook(() => take('w', 'one'));
    await tidy();
    expect(bundles()).toEqual([first, second].toSorted());
    await tidy();
    expect(bundles()).toEqual([first]);
    expect(await run()).toMatchObject({ output: 'one' });
  });

  it('stays while workflows are being loaded that it may be of', async () => {
    await take('w', 'two');
    write('w', 'three');
    let finish = (): void => undefined;
    const saved = new Promise<void>((resolve) => {
      void assembly.loading.take(async () => {
        const loaded = await loadFolder({ dir: join(folder, 'workflows'), kinds: nodeKinds, dataDir: data() });
        resolve();
        await new Promise<void>((go) => (finish = go));
        await assembly.catalog.replaceAll(loaded.workflows);
      });
    });
    await saved;
    const pass = tidy();
    finish();
    await pass;
    await tidy();
    expect(bundles()).toHaveLength(1);
    await assembly.start();
    expect(await run()).toMatchObject({ output: 'three' });
  });

  it('is removed with what writes that were cut off have left, and nothing else in the folder is', async () => {
    const current = await take('w', 'one');
    const unknown = `${'a'.repeat(64)}.mjs`;
    for (const name of [unknown, `${unknown}.1234.1.tmp`, 'notes.txt']) writeFileSync(join(handlers(), name), '');
    await tidy();
    expect(bundles()).toEqual([current, 'notes.txt'].toSorted());
  });

  it('is left where it cannot be removed, and that is said', async () => {
    const stuck = `${'a'.repeat(64)}.mjs`;
    const current = await take('w', 'one');
    mkdirSync(join(handlers(), stuck));
    const old = `${'b'.repeat(64)}.mjs`;
    writeFileSync(join(handlers(), old), '');
    await tidy();
    expect(bundles()).toEqual([current, stuck].toSorted());
    expect(warnings).toEqual(['Code of an old workflow version could not be removed']);
  });

  it('is of no use to runs of a version that was given up: they are refused, and leave no trace', async () => {
    await take('w', 'one');
    const old = assembly.catalog.get('w', null);
    await take('w', 'two');
    await assembly.start();
    await tidy();
    expect(() => old && assembly.catalog.use.pin(old.plan)).toThrow('Call again');
    await expect(assembly.catalog.planOf({ workflowId: 'w', version: 1 })).rejects.toMatchObject({ code: 'not_found' });
  });

  it('is not that of versions whose code is in the store, though it be the same: these stay', async () => {
    const first = await take('w', 'one');
    await assembly.start();
    const publish = async (word: string): Promise<void> => {
      const code = word === 'one' ? readFileSync(join(handlers(), first), 'utf8') : `export default () => '${word}';`;
      const sha = createHash('sha256').update(code).digest('hex');
      const waits = {
        id: 'q',
        kind: 'ask',
        question: 'Go on?',
        answer: { type: 'boolean' },
        when: '{{ input.waits }}',
      };
      const nodes = [{ id: 'n', kind: 'code', uses: './w.mjs' }, waits];
      const definition = { id: 'w', name: 'W', description: 'w', nodes, result: '{{ nodes.n.output }}' };
      await assembly.services.publishWorkflows(caller, {
        workflows: [{ definition, handlers: { n: { bundle: sha, export: 'default' } } }],
        bundles: [{ sha, code, packages: [] }],
      });
    };
    await publish('one');
    const earlier = await run();
    expect(earlier.output).toBe('one');
    const { run: waiting } = await assembly.services.runWorkflow(caller, { workflowId: 'w', input: { waits: true } });
    await publish('own two');
    const second = await take('w', 'two');
    await tidy();
    expect(bundles()).toEqual([second]);
    expect((await examine({ data: data(), sample: null })).flatMap(({ faults }) => faults)).toEqual([]);
    await assembly.services.cancelRun(caller, { runId: waiting.id });
    const again = await assembly.services.rerun(caller, { runId: earlier.id, sameVersion: true });
    expect((await ended(again.run)).output).toBe('one');
    await assembly.services.rollBackWorkflow(caller, { workflowId: 'w' });
    expect((await run()).output).toBe('one');
  });

  it('is kept with a publication only where a handler names it', async () => {
    const bundleOf = (word: string): GivenBundle => {
      const code = `export default () => '${word}';`;
      return { sha: createHash('sha256').update(code).digest('hex'), code, packages: [] };
    };
    const named = bundleOf('one');
    const other = bundleOf('two');
    const definition = { id: 'w', name: 'W', description: 'w', nodes: [{ id: 'n', kind: 'code', uses: './w.mjs' }] };
    await assembly.services.publishWorkflows(caller, {
      workflows: [{ definition, handlers: { n: { bundle: named.sha, export: 'default' } } }],
      bundles: [named, other],
    });
    expect(await assembly.store.publications.findBundles({ shas: [named.sha, other.sha] })).toEqual([named.sha]);
  });

  it('stays for a run that is recorded after it was asked which versions runs are on', async () => {
    const first = await take('w', 'one');
    await assembly.start();
    const earlier = await run();
    const second = await take('w', 'two');
    await remove(earlier);
    const plan = await assembly.catalog.planOf({ workflowId: 'w', version: 1 });
    afterLook(async () => {
      assembly.catalog.use.pin(plan);
      assembly.catalog.use.release(plan);
    });
    await tidy();
    expect(bundles()).toEqual([first, second].toSorted());
    await tidy();
    expect(bundles()).toEqual([second]);
  });
});

it('a server that follows its folder takes a turn from the reading of its files until the catalog has them', async () => {
  const { loading, catalog } = assembly;
  const log: string[] = [];
  const original = loading.take.bind(loading);
  loading.take = (work) =>
    original(async () => {
      log.push('begins');
      try {
        return await work();
      } finally {
        log.push('ends');
      }
    });
  write('w', 'one');
  const config = loadConfig({ env: {}, flags: { data: data(), workflows: join(folder, 'workflows') } });
  const cleanUps: (() => Promise<void>)[] = [];
  await serveWorkflows(config, assembly, cleanUps);
  const changed = new Promise<void>((resolve) => {
    catalog.onChanged(() => {
      log.push('changes');
      resolve();
    });
  });
  write('w', 'two');
  await changed;
  await original(async () => undefined);
  const at = log.indexOf('changes');
  expect(log.slice(at - 1, at + 2)).toEqual(['begins', 'changes', 'ends']);
  for (const step of cleanUps) await step();
});
