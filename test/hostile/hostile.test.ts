import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findSlow, MAX_TURN_MS } from '../event-loop/longest-turns.js';
import { MeasuredServer, type Probe } from '../event-loop/measured-server.js';
import { repository } from '../support/server/server-process.js';
import { fewHostileCases, hostileCases, type HostileCase } from './corpus.js';

const AT_ONCE = 6;
const GROUP = 30;
/** What a run of these may fail with. */
const KINDS = ['invalid_expression', 'invalid_output', 'output_too_large', 'invalid_config'];
/** What a call that begins one may be refused with. */
const CODES = ['invalid_input', 'payload_too_large', 'invalid_request'];

/** All of them take minutes: `1` for all, `2/4` for the second of four parts. */
const wanted = process.env['ERRAND_TEST_HOSTILE'] ?? '';
const cases = wanted === '' ? fewHostileCases() : partOf(hostileCases(), wanted);
/** Run in any case: what the last test asks for. */
const plain = hostileCases().find(({ workflow }) => workflow.id === 'gives_back')!;
const keys = hostileCases().find(({ name }) => name === 'the expression $keys(input.wide)')!;
let folder: string;
let server: MeasuredServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'errand-hostile-'));
  const workflows = join(folder, 'workflows');
  mkdirSync(workflows);
  for (const { workflow } of [...cases, plain, keys])
    writeFileSync(join(workflows, `${workflow.id}.yaml`), JSON.stringify(workflow));
  const main = join(repository, 'dist', 'cli', 'main.js');
  server = await MeasuredServer.start({ main, data: join(folder, 'data'), workflows, sockets: AT_ONCE });
}, 300_000);
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

function partOf(all: readonly HostileCase[], part: string): readonly HostileCase[] {
  const [number = 1, parts = 1] = part.split('/').map(Number);
  return all.filter((_, place) => place % parts === number - 1);
}

/** Begins a run and gives what came of it. */
async function outcomeOf({ workflow, input }: HostileCase): Promise<string> {
  const body = `{"workflow_id":"${workflow.id}","wait_seconds":25,"input":${input}}`;
  const { status, text } = await server.send({ method: 'POST', path: '/api/v1/runs', body: [Buffer.from(body)] });
  const { error, status: ended } = JSON.parse(text) as { error?: { code?: string; kind?: string }; status?: string };
  if (status >= 400) return `refused: ${error?.code}`;
  return ended === 'failed' ? `failed: ${error?.kind}` : String(ended);
}

const DOCUMENTED = new Set([
  'completed',
  ...KINDS.map((kind) => `failed: ${kind}`),
  ...CODES.map((code) => `refused: ${code}`),
]);

function isAsExpected({ expected }: HostileCase, outcome: string): boolean {
  if (expected === 'no workflow') return outcome === 'refused: not_found';
  if (expected === 'no input') return outcome === 'refused: invalid_input';
  return DOCUMENTED.has(outcome) || outcome === 'refused: not_found';
}

async function atOnce<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

describe('hostile expressions, patterns, schemas and inputs', { timeout: 600_000 }, () => {
  it('are many', () => {
    const all = hostileCases();
    expect(all.length).toBeGreaterThan(450);
    expect(new Set(all.map(({ name, input }) => `${name} ${input}`)).size).toBe(all.length);
    expect(fewHostileCases().length).toBeGreaterThan(all.length / 10 + 5);
  });

  it(`hold the event loop for less than ${MAX_TURN_MS} ms, and end as documented`, async () => {
    const wrong: string[] = [];
    const slow: unknown[] = [];
    for (let first = 0; first < cases.length; first += GROUP) {
      const group = cases.slice(first, first + GROUP);
      await server.takeLongest();
      await atOnce(group, async (one) => {
        const outcome = await outcomeOf(one);
        if (!isAsExpected(one, outcome)) wrong.push(`${one.name}: ${outcome}`);
      });
      if ((await server.takeLongest()) < MAX_TURN_MS) continue;
      const probes = group.map((one): Probe => ({ name: one.name, send: async () => void (await outcomeOf(one)) }));
      slow.push(...(await findSlow(server, { name: 'a run', probes })));
    }
    expect({ wrong, slow }).toEqual({ wrong: [], slow: [] });
  });

  it('leave a server that goes on as before', async () => {
    const input = '{"a":[1,2]}';
    expect(await outcomeOf({ ...plain, input })).toBe('completed');
    expect(await outcomeOf(keys)).toBe('completed');
  });
});
