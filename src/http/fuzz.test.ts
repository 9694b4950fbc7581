import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { array, assert, asyncProperty, constantFrom, sample, string, uint8Array } from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultOf } from '../../test/fuzz/judge.js';
import { anyRequests, wholeRequests } from '../../test/fuzz/mutate.js';
import type { FuzzRequest, Known } from '../../test/fuzz/requests.js';
import { send } from '../../test/fuzz/send.js';
import type { RunningServer } from '../app/running-server.js';
import { startServer } from '../app/server.js';

const REQUESTS = Number(process.env['ERRAND_TEST_FUZZ'] ?? 10_000);
const AT_ONCE = 24;
const CHUNK = 500;
const GREET = `
id: greet
name: Greet
description: Greets a person.
input: { type: object, required: [name], properties: { name: { type: string } } }
output: { type: object, required: [text], properties: { text: { type: string } } }
nodes:
  - { id: hello, kind: transform, role: greeter, label: Greeter, with: { text: 'Hello {{ input.name }}' } }
result: { text: '{{ nodes.hello.output.text }}' }
`;

let folder: string;
let server: RunningServer;
let known: Known;
const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'errand-fuzz-'));
  const workflowsDir = join(folder, 'workflows');
  mkdirSync(workflowsDir);
  writeFileSync(join(workflowsDir, 'greet.yaml'), GREET);
  const key = `sk_live_${'f'.repeat(32)}`;
  server = await startServer({
    dataDir: join(folder, 'data'),
    workflowsDir,
    port: 0,
    logLevel: 'error',
    bootstrapKey: key,
    bootstrapCredits: 1_000_000_000,
    mutatingCallsPerMinute: 1_000_000,
    callsPerMinute: 100_000_000,
  });
  const response = await fetch(`${server.url}/api/v1/runs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ workflow_id: 'greet', input: { name: 'Ada' }, wait_seconds: 20 }),
  });
  const { run_id: runId } = (await response.json()) as { run_id: string };
  known = { key, workflowId: 'greet', runId: runId.replace('run_', '') };
});
afterAll(async () => {
  agent.destroy();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Finding {
  readonly fault: string;
  readonly request: string;
  readonly answer: string;
}

function describeRequest({ method, path, headers, body }: FuzzRequest): string {
  return `${method} ${path} ${JSON.stringify(headers)} ${body.toString('utf8').slice(0, 2_000)}`;
}

async function judge(request: FuzzRequest, counts: Map<number, number>): Promise<Finding | null> {
  try {
    const answer = await send(server.url, request, agent);
    counts.set(answer.status, (counts.get(answer.status) ?? 0) + 1);
    const fault = faultOf(request, answer);
    if (fault === null) return null;
    const shown = `${answer.status} ${answer.body.text.slice(0, 2_000)}`;
    return { fault, request: describeRequest(request), answer: shown };
  } catch (error) {
    return { fault: String(error), request: describeRequest(request), answer: 'none' };
  }
}

/** Sends many at a time; gives what is wrong, a few at most. */
async function judgeAll(requests: readonly FuzzRequest[], counts: Map<number, number>): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const left = requests.values();
  const worker = async (): Promise<void> => {
    for (const request of left) {
      const finding = await judge(request, counts);
      if (finding !== null && findings.length < 5) findings.push(finding);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return findings;
}

const collect = ((): (() => void) => {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
})();

/**
 * In bytes, of this process, which the server runs in too. What is under way, and what can only be let go once its turn
 * has come, goes first: nothing is left to go when two collections in a row come to about the same.
 */
async function memory(): Promise<{ readonly resident: number; readonly heap: number }> {
  for (let before = Number.POSITIVE_INFINITY; ;) {
    collect();
    const { rss: resident, heapUsed, external } = process.memoryUsage();
    const heap = heapUsed + external;
    if (heap > before - 1_000_000) return { resident, heap };
    before = heap;
    await setTimeout(200);
  }
}

describe('the whole server, under messages that are nearly right', () => {
  it('gives every whole request a result', { timeout: 120_000 }, async () => {
    const counts = new Map<number, number>();
    const findings = await judgeAll(sample(wholeRequests(known), { numRuns: 1_500, seed: 1 }), counts);
    expect(findings).toEqual([]);
    expect([...counts.keys()]).toEqual([200]);
  });

  it('answers all others well-formed, in time, and keeps no memory of them', { timeout: 300_000 }, async () => {
    const counts = new Map<number, number>();
    const half = async (from: number): Promise<void> => {
      for (let sent = 0; sent < REQUESTS / 2; sent += CHUNK) {
        const seed = from + sent;
        const findings = await judgeAll(sample(anyRequests(known), { numRuns: CHUNK, seed }), counts);
        expect({ seed, findings }).toEqual({ seed, findings: [] });
      }
    };
    const warnings: string[] = [];
    const onWarning = ({ name, message }: Error): void => void warnings.push(`${name}: ${message}`);
    process.on('warning', onWarning);
    await half(1_000_000);
    const before = await memory();
    await half(2_000_000);
    const after = await memory();
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
    expect(after.heap - before.heap).toBeLessThan(10_000_000);
    // What is free is given back late, if at all.
    expect(after.resident - before.resident).toBeLessThan(150_000_000);
    // The changes are small enough that every door is tried, the inner ones too.
    expect([200, 202, 204, 400, 401, 403, 404, 405, 415].filter((status) => !counts.has(status))).toEqual([]);
    expect(counts.get(200)).toBeGreaterThan(REQUESTS / 5);
  });

  it('survives what is not even HTTP', { timeout: 120_000 }, async () => {
    const lines = constantFrom(
      'POST /mcp HTTP/1.1',
      'GET /mcp HTTP/9.9',
      'Host: localhost',
      'Host: localhost:1, evil',
      'Content-Length: 5',
      'Content-Length: -1',
      'Content-Length: 99999999999999999999',
      'Transfer-Encoding: chunked',
      'Content-Type: application/json',
      'Connection: upgrade',
      'Upgrade: websocket',
      `X: ${'y'.repeat(20_000)}`,
      'zz\r\nhello',
      '',
      '{}',
    );
    const bytes = array(
      constantFrom(lines, lines, string()).chain((choice) => choice),
      { maxLength: 8 },
    ).map((parts) => Buffer.from(parts.join('\r\n')));
    const either = constantFrom(bytes, bytes, uint8Array({ maxLength: 300 })).chain((choice) => choice);
    await assert(
      asyncProperty(either, async (given) => {
        const said = await shout(given);
        expect(said).toMatch(/^(?:$|HTTP\/1\.1 [234]\d\d )/);
      }),
      { numRuns: 400 },
    );
    const { status } = await fetch(`${server.url}/healthz`);
    expect(status).toBe(200);
  });
});

/** What comes back on a connection of its own until the server closes it. */
async function shout(given: Uint8Array): Promise<string> {
  const { port, hostname } = new URL(server.url);
  return await new Promise((resolve) => {
    let said = '';
    const socket = connect({ port: Number(port), host: hostname }, () => socket.end(given));
    socket.on('data', (chunk) => (said += chunk.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(said));
  });
}
