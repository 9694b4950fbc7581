import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../../test/support/server/run-command.js';
import type { CommandOptions } from '../../test/support/server/run-command.js';
import type { ApiEvent, ApiKeyView, ApiNewKey, ApiRun } from '../api/api-types.js';
import type { ApiCredits } from '../api/credit-types.js';
import { startServer } from '../app/server.js';
import type { RunningServer } from '../app/running-server.js';

const FLOWS = {
  'greet.yaml': `
id: greet
name: Greet
description: Greets a person.
credits: 2
input: { type: object, required: [name], properties: { name: { type: string, minLength: 1 } } }
nodes:
  - { id: hello, kind: code, role: greeter, label: Greeter, uses: ./handlers.mjs#greet, with: { name: '{{ input.name }}' } }
`,
  'patient.yaml': `
id: patient
name: Patient
description: Takes its time.
credits: 3
nodes:
  - { id: quick, kind: code, role: quick, label: Quick, uses: ./handlers.mjs#greet, with: { name: first } }
  - { id: slow, kind: code, role: slow, label: Slow, needs: [quick], uses: ./handlers.mjs#wait, with: { gate: '{{ input.gate }}' } }
`,
  'fickle.yaml': `
id: fickle
name: Fickle
description: Fails, wholly or in part.
credits: 4
nodes:
  - { id: good, kind: code, role: good, label: Good, uses: ./handlers.mjs#greet, with: { name: x } }
  - { id: bad, kind: code, role: bad, label: Bad, uses: ./handlers.mjs#fail, on_error: continue }
  - { id: worse, kind: code, role: worse, label: Worse, when: '{{ input.wholly }}', uses: ./handlers.mjs#fail }
result: { ok: true }
`,
  'release.yaml': `
id: release
name: Release
description: Asks before it goes on.
nodes:
  - { id: approve, kind: ask, question: 'Ship {{ input.version }}?', answer: { type: boolean } }
  - { id: reason, kind: ask, question: 'Why?', answer: { type: string }, deadline: 2h, default: none }
result: { shipped: '{{ nodes.approve.output }}', why: '{{ nodes.reason.output }}' }
`,
  'handlers.mjs': `
import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
export const greet = (ctx) => {
  ctx.progress(50, 'thinking of a greeting');
  ctx.findings('One person to greet.');
  return { greeting: 'Hello, ' + ctx.input.name };
};
export const wait = async (ctx) => {
  while (!existsSync(ctx.input.gate)) await setTimeout(10, undefined, { signal: ctx.signal });
  return 'done';
};
export const fail = () => { throw new Error('it is broken'); };
`,
};

/** The events that a command wrote, a line each: none is missing, none is there twice. */
function wholeLog(out: string): ApiEvent[] {
  const events = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as ApiEvent);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  return events;
}

describe('errand, against a real server', () => {
  const dir = mkdtempSync(join(tmpdir(), 'errand-cli-'));
  const settings = { host: '127.0.0.1', dataDir: join(dir, 'data'), workflowsDir: dir, logLevel: 'silent' } as const;
  let server: RunningServer;
  let key = '';
  let gates = 0;

  beforeAll(async () => {
    for (const [name, text] of Object.entries(FLOWS)) writeFileSync(join(dir, name), text);
    server = await startServer({ ...settings, port: 0 });
    key = server.firstKey ?? '';
  });
  afterAll(async () => {
    await server.close();
    rmSync(dir, { recursive: true, force: true });
  });

  const cli = (argv: readonly string[], options: CommandOptions = {}): ReturnType<typeof runCommand> =>
    runCommand(argv, { ...options, env: { ERRAND_URL: server.url, ERRAND_API_KEY: key, ...options.env } });

  const newGate = (): string => join(dir, `gate-${(gates += 1)}`);

  async function startPatient(gate: string): Promise<string> {
    const { out } = await cli(['run', 'patient', '--input', JSON.stringify({ gate })]);
    return out.trim();
  }

  it('runs a workflow, waits for it and prints its output', async () => {
    const ran = await cli(['run', 'greet', '--input', '{"name": "Ada"}', '--wait', '20', '--json']);
    expect(ran).toMatchObject({ code: 0, err: '' });
    const run = JSON.parse(ran.out) as ApiRun;
    expect(run).toMatchObject({ status: 'completed', credits_consumed: 2, output: { greeting: 'Hello, Ada' } });
    const output = await cli(['status', run.run_id, '--output']);
    expect(JSON.parse(output.out)).toEqual({ greeting: 'Hello, Ada' });
  });

  it('watches a run to its end as JSON events', async () => {
    const { code, out } = await cli(['run', 'greet', '--input', '{"name": "Ada"}', '--watch', '--json']);
    expect(code).toBe(0);
    const events = wholeLog(out);
    expect(events[0]?.kind).toBe('run.created');
    expect(events.at(-1)?.kind).toBe('run.completed');
  });

  it('watches a run on a terminal', async () => {
    const { code, out } = await cli(['run', 'greet', '--input', '{"name": "Ada"}', '--watch'], { columns: 80 });
    expect(code).toBe(0);
    expect(out).toContain('Greeter');
    expect(out).toContain('"greeting": "Hello, Ada"');
  });

  it.each([
    [{ wholly: true }, 3, 'run: failed: '],
    [{ wholly: false }, 5, 'run: partial_complete: '],
  ])('tells by its exit code how a run with the input %j ended', async (input, expected, line) => {
    const { code, out } = await cli(['run', 'fickle', '--input', JSON.stringify(input), '--watch']);
    expect(code).toBe(expected);
    expect(out).toContain(line);
  });

  it('shows what a run asks, and answers it', async () => {
    const runId = (await cli(['run', 'release', '--input', '{"version": "2.1"}'])).out.trim();
    const questions = async (): Promise<string> => (await cli(['answer', runId])).out;
    await expect.poll(questions).toMatch(/^approve: Ship 2\.1\?\n {2}must fit: \{"type":"boolean"\}\nreason: Why\?\n/);
    expect(await questions()).toMatch(/\n {2}otherwise: "none"\n {2}until: \d{4}-/);
    const unsaid = await cli(['answer', runId, '--answer', 'true']);
    expect([unsaid.code, unsaid.err]).toEqual([2, expect.stringContaining('approve, reason. Say which with --node')]);
    const wrong = await cli(['answer', runId, '--node', 'approve', '--answer', '"yes"']);
    expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining('must be boolean')]);
    const answered = await cli(['answer', runId, '--node', 'approve', '--answer', 'true']);
    expect(answered).toEqual({ code: 0, out: `Answered approve of ${runId} (Release).\n`, err: '' });
    const watching = cli(['watch', runId]);
    expect((await cli(['answer', runId, '--answer', '-'], { stdin: '"tested"' })).code).toBe(0);
    expect((await watching).out).toContain('reason: answered');
    expect(JSON.parse((await cli(['status', runId, '--output'])).out)).toEqual({ shipped: true, why: 'tested' });
    expect((await cli(['answer', runId, '--node', 'approve', '--answer', 'true'])).err).toContain(
      'the run is completed',
    );
    expect((await cli(['answer', runId])).out).toBe('The run asks nothing just now: it is completed.\n');
  });

  it('cancels a run that is being watched', async () => {
    const runId = await startPatient(newGate());
    const watching = cli(['watch', runId]);
    const cancelled = await cli(['cancel', runId, '--reason', 'enough']);
    expect(cancelled).toEqual({ code: 0, out: `Cancelled ${runId} (Patient).\n`, err: '' });
    const watched = await watching;
    expect(watched.code).toBe(4);
    expect(watched.out).toContain('run: cancelled: enough');
    expect((await cli(['cancel', runId])).code).toBe(0);
  });

  it('goes on watching over a restart of the server, losing and repeating nothing', async () => {
    const gate = newGate();
    const runId = await startPatient(gate);
    const watching = cli(['watch', runId, '--json']);
    await expect
      .poll(async () => (JSON.parse((await cli(['status', runId, '--json'])).out) as ApiRun).nodes[1]?.status)
      .toBe('running');
    const port = Number(new URL(server.url).port);
    await server.close();
    server = await startServer({ ...settings, port });
    writeFileSync(gate, '');
    const { code, out } = await watching;
    expect(code).toBe(0);
    const events = wholeLog(out);
    expect(events.filter(({ kind, node_id: node }) => kind === 'node.completed' && node === 'quick')).toHaveLength(1);
  });

  it('gives the same run for the same idempotency key', async () => {
    const argv = ['run', 'greet', '--input', '{"name": "Ada"}', '--idempotency-key', 'once'];
    const [first, second] = [await cli(argv), await cli(argv)];
    expect(second.out).toBe(first.out);
  });

  it('names each offending path of an input that does not fit', async () => {
    const { code, err } = await cli(['run', 'greet', '--input', '{"name": ""}']);
    expect(code).toBe(1);
    expect(err).toContain('/name: ');
  });

  it('lists runs and workflows', async () => {
    const failed = JSON.parse((await cli(['runs', '--status', 'failed', '--json'])).out) as { runs: ApiRun[] };
    expect(failed.runs.map((run) => run.workflow_id)).toEqual(['fickle']);
    expect((await cli(['runs', '--workflow', 'greet', '--limit', '1'])).err).toMatch(
      /^1 to 1 of \d+; the next: --offset 1\n$/,
    );
    expect((await cli(['workflows'])).out.match(/^(fickle|greet|patient|release) /gm)).toHaveLength(4);
    expect((await cli(['workflows', 'show', 'greet'])).out).toContain('"required"');
    expect((await cli(['workflows', 'show', 'nobody'])).code).toBe(1);
  });

  it('makes, uses, lists and revokes a key', async () => {
    const made = JSON.parse((await cli(['keys', 'create', 'ci', '--expires', '1h', '--json'])).out) as ApiNewKey;
    const use = (): ReturnType<typeof cli> => cli(['credits', '--json'], { env: { ERRAND_API_KEY: made.key } });
    expect((await use()).code).toBe(0);
    const { keys } = JSON.parse((await cli(['keys', '--json'])).out) as { keys: ApiKeyView[] };
    expect(keys).toContainEqual(expect.objectContaining({ id: made.id, name: 'ci', scopes: ['run'] }));
    expect((await cli(['keys', 'revoke', made.id])).code).toBe(0);
    expect((await use()).err).toContain('"code":"unauthenticated"');
    expect((await cli(['keys'])).out).toMatch(/ci .* revoked /);
  });

  it('makes an organization with credits and a key of its own', async () => {
    expect((await cli(['orgs', 'create', 'acme', '--credits', '7'])).code).toBe(0);
    expect((await cli(['orgs'])).out).toContain('acme');
    const acmeKey = (await cli(['keys', 'create', 'first', '--organization', 'acme'])).out.trim();
    const env = { ERRAND_API_KEY: acmeKey };
    expect((await cli(['run', 'greet', '--input', '{"name": "Ada"}', '--wait', '20'], { env })).code).toBe(0);
    await cli(['orgs', 'set-credits', 'acme', '8']);
    const credits = JSON.parse((await cli(['credits', '--json'], { env })).out) as ApiCredits;
    expect(credits).toMatchObject({ available: 6, used_this_month: 2, monthly_limit: 8 });
    expect((await cli(['credits', '--movements'], { env })).out.match(/ (reserve|settle) /g)).toHaveLength(2);
    expect((await cli(['orgs'], { env })).code).toBe(1);
  });
});
