import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sample } from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { FuzzAnswer } from '../../../test/fuzz/judge.js';
import { anyCalls, type RestCall } from '../../../test/fuzz/rest-requests.js';
import { send } from '../../../test/fuzz/send.js';
import { COMMON_ERRORS } from '../../api/endpoint.js';
import { ENDPOINTS } from '../../api/endpoints/all.js';
import type { RunningServer } from '../../app/running-server.js';
import { startServer } from '../../app/server.js';
import type { ErrorCode } from '../../core/errors.js';
import { isJsonObject } from '../../core/json.js';
import { ERROR_STATUS } from '../transport/error-status.js';

const KEY = `sk_live_${'f'.repeat(32)}`;
const ROUNDS = 24;
const CALLS = 150;
const AT_ONCE = 8;
/** What any call may be refused with whose path, type or length is not what it says. */
const OF_ANY_CALL: readonly ErrorCode[] = [...COMMON_ERRORS, 'payload_too_large', 'unsupported_media_type'];
const FLOW = `
id: enrich_contact
name: Enrich a contact
description: Says hello.
input: { type: object, properties: { email: { type: string } } }
nodes:
  - { id: hello, kind: transform, with: 'Hello {{ input.email }}' }
  - { id: ask, kind: ask, question: 'Go on?', answer: { type: object }, deadline: 1h, default: {} }
`;

let folder: string;
let server: RunningServer;
const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
const known = new Map<string, string[]>([['organizations', ['acme']]]);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'errand-rest-fuzz-'));
  const workflowsDir = join(folder, 'workflows');
  mkdirSync(workflowsDir);
  writeFileSync(join(workflowsDir, 'enrich_contact.yaml'), FLOW);
  server = await startServer({
    dataDir: join(folder, 'data'),
    workflowsDir,
    port: 0,
    logLevel: 'fatal',
    bootstrapKey: KEY,
    bootstrapCredits: 1_000_000_000,
    mutatingCallsPerMinute: 1_000_000,
    callsPerMinute: 100_000_000,
  });
});
afterAll(async () => {
  agent.destroy();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** What is wrong with an answer; null when nothing is. */
function faultOf({ endpoint, request, isLost }: RestCall, { status, headers, body }: FuzzAnswer): string | null {
  if (/inside the server/.test(body.text)) return 'an internal error';
  // Node's own answer to an expectation that it does not know.
  if (status === 417 && request.headers['expect'] !== undefined) return null;
  if (status < 300) {
    if (!endpoint.statuses.includes(status)) return `status ${status}, which is not said of it`;
    if (status === 204) return body.text === '' ? null : 'a body with 204';
    return String(headers['content-type']).startsWith('application/json') && !isJsonObject(parse(body.text))
      ? 'a body that is not JSON'
      : null;
  }
  const value = parse(body.text);
  const error = isJsonObject(value) ? value['error'] : undefined;
  if (!isJsonObject(error) || typeof error['message'] !== 'string' || error['message'] === '') return 'no error';
  if (isLost && [404, 405].includes(status)) return null;
  const code = error['code'] as ErrorCode;
  if (ERROR_STATUS[code] !== status) return `${code} with status ${status}`;
  return code !== 'internal' && [...endpoint.errors, ...OF_ANY_CALL].includes(code)
    ? null
    : `${code}, which is not said of it`;
}

/** Later calls name what was made. */
function remember({ endpoint }: RestCall, { status, body }: FuzzAnswer): void {
  const made = status === 201 ? parse(body.text) : undefined;
  if (!isJsonObject(made)) return;
  const id = made['run_id'] ?? made['slug'] ?? made['number'] ?? made['id'];
  const root = endpoint.path.split('/')[1] ?? '';
  if (typeof id === 'string' || typeof id === 'number') known.set(root, [...(known.get(root) ?? []), String(id)]);
}

async function callAll(calls: readonly RestCall[], counts: Map<string, Set<number>>): Promise<readonly object[]> {
  const findings: object[] = [];
  const left = calls.values();
  const worker = async (): Promise<void> => {
    for (const call of left) {
      const { endpoint, request } = call;
      const shown = `${request.method} ${request.path.slice(0, 300)} ${request.body.toString('utf8').slice(0, 1_500)}`;
      try {
        const answer = await send(server.url, request, agent);
        remember(call, answer);
        const fault = faultOf(call, answer);
        if (fault !== null)
          findings.push({ fault, shown, answer: `${answer.status} ${answer.body.text.slice(0, 600)}` });
        counts.set(endpoint.name, (counts.get(endpoint.name) ?? new Set()).add(answer.status));
      } catch (error) {
        findings.push({ fault: String(error), shown });
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return findings.slice(0, 8);
}

it('every endpoint answers calls that are nearly right as it says it does', { timeout: 300_000 }, async () => {
  for (const name of ['enrich_contact']) known.set('workflows', [name]);
  known.set('secrets', ['crm_token']);
  known.set('model-credentials', ['openai']);
  const counts = new Map<string, Set<number>>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const calls = sample(anyCalls(known, KEY), { numRuns: CALLS, seed: 3_000_000 + round });
    const findings = await callAll(calls, counts);
    expect({ round, findings }).toEqual({ round, findings: [] });
  }
  // Each was reached, and most took something.
  expect(ENDPOINTS.filter(({ name }) => !counts.has(name)).map(({ name }) => name)).toEqual(['setLogLevel']);
  const taken = [...counts].filter(([, statuses]) => [...statuses].some((status) => status < 300));
  expect(taken.length).toBeGreaterThan(ENDPOINTS.length / 2);
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
});
