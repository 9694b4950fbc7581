import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { KEY, repository, ServerProcess } from '../support/server/server-process.js';

let data: string;
let server: ServerProcess;
let url: string;

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'errand-metrics-'));
  server = await ServerProcess.start({
    data,
    env: { ERRAND_METRICS: '127.0.0.1:0', ERRAND_OUTBOUND_ALLOW: '127.0.0.1' },
  });
  url = /metrics +(http:\S+)/.exec(server.output)?.[1] ?? 'none';
  await post('/api/v1/runs', { workflow_id: 'enrich_contact', input: { email: 'ada@example.com' }, wait_seconds: 20 });
  await post('/mcp', { jsonrpc: '2.0', id: 1, method: 'tools/list' });
  await post('/mcp', { jsonrpc: '2.0', id: 2, method: 'tools/guess' });
  await fetch(`${server.url}/nowhere/${'x'.repeat(50)}`);
});
afterAll(async () => {
  await server.end('SIGTERM');
  rmSync(data, { recursive: true, force: true });
});

async function post(path: string, body: object, key = KEY): Promise<Response> {
  const headers = {
    authorization: `Bearer ${key}`,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  };
  return await fetch(server.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
}

const get = (key: string): Promise<Response> =>
  fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${key}` } });

/** The samples by their names and labels. Throws for a line that is none of the format's. */
function parseMetrics(text: string): Map<string, number> {
  const samples = new Map<string, number>();
  const typed = new Set<string>();
  for (const line of text.trimEnd().split('\n')) {
    const type = /^# TYPE (\w+) (?:counter|gauge|histogram)$/.exec(line);
    if (type?.[1] !== undefined) typed.add(type[1]);
    if (/^# (?:HELP|TYPE) \w+ \S/.test(line)) continue;
    const [, name = '', labels = '', value = ''] =
      /^(\w+)((?:\{\w+="(?:[^"\\\n]|\\[\\"n])*"(?:,\w+="(?:[^"\\\n]|\\[\\"n])*")*\})?) (\S+)$/.exec(line) ?? [];
    const isTyped = typed.has(name) || typed.has(name.replace(/_(?:bucket|sum|count)$/, ''));
    if (!isTyped || !Number.isFinite(Number(value)) || samples.has(name + labels)) throw new Error(`wrong: ${line}`);
    samples.set(name + labels, Number(value));
  }
  return samples;
}

const namesOf = (text: string): string[] => [...text.matchAll(/^# TYPE (\w+)/gm)].map(([, name = '']) => name);

describe('/metrics', () => {
  it('is for keys with the scope operate', async () => {
    const made = (await (await post('/api/v1/keys', { name: 'runner', scopes: ['run'] })).json()) as { key: string };
    expect((await fetch(`${server.url}/metrics`)).status).toBe(401);
    expect((await get(made.key)).status).toBe(403);
    const answer = await get(KEY);
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(parseMetrics(await answer.text()).size).toBeGreaterThan(50);
  });

  it('counts runs, requests, MCP methods and commits', async () => {
    const samples = parseMetrics(await (await get(KEY)).text());
    for (const name of [
      'errand_runs_created_total{workflow="enrich_contact"}',
      'errand_runs_ended_total{workflow="enrich_contact",status="completed"}',
      'errand_run_duration_seconds_count{workflow="enrich_contact"}',
      'errand_http_requests_total{method="POST",route="/api/v1/runs",status="201"}',
      'errand_http_requests_total{method="GET",route="none",status="404"}',
      'errand_mcp_requests_total{method="tools/list"}',
      'errand_mcp_requests_total{method="unknown"}',
    ]) {
      expect([name, samples.get(name)]).toEqual([name, 1]);
    }
    expect(samples.get('errand_node_attempts_total{kind="code",outcome="completed"}')).toBeGreaterThan(0);
    expect(samples.get('errand_store_commits_total{outcome="kept"}')).toBeGreaterThan(1);
    expect(samples.get('errand_store_commit_seconds_sum')).toBeGreaterThan(0);
    expect(samples.get('errand_process_resident_bytes')).toBeGreaterThan(1e7);
  });

  it('counts attempts to deliver what runs tell others', async () => {
    const receiver = createServer((request, response) => {
      request.resume();
      response.writeHead(request.url === '/gone' ? 410 : 204).end();
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', () => resolve()));
    const { port } = receiver.address() as AddressInfo;
    for (const path of ['taken', 'gone']) {
      const callback = { url: `http://127.0.0.1:${port}/${path}`, events: ['run.completed'] };
      await post('/api/v1/runs', { workflow_id: 'enrich_contact', input: { email: 'ada@example.com' }, callback });
    }
    const counted = async (): Promise<(number | undefined)[]> => {
      const samples = parseMetrics(await (await get(KEY)).text());
      const outcomes = ['delivered', 'failed'].map((outcome) => `errand_webhook_attempts_total{outcome="${outcome}"}`);
      return [...outcomes, 'errand_webhook_attempt_seconds_count'].map((name) => samples.get(name));
    };
    await expect.poll(counted, { timeout: 20_000 }).toEqual([1, 1, 2]);
    receiver.close();
  });

  it('is told at an address of its own without a key, and nothing else is', async () => {
    const own = await fetch(url);
    expect(namesOf(await own.text())).toEqual(namesOf(await (await get(KEY)).text()));
    expect((await fetch(new URL('/api/v1/runs', url))).status).toBe(404);
  });

  const promtool = spawnSync('promtool', ['--version']).status === 0;
  it.skipIf(!promtool)('and its alerts are good for promtool', async () => {
    const input = await (await fetch(url)).text();
    const checked = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' });
    expect([checked.status, checked.stdout, checked.stderr]).toEqual([0, '', '']);
    const rules = spawnSync('promtool', ['check', 'rules', join(repository, 'deploy', 'prometheus', 'alerts.yaml')]);
    expect(rules.status).toBe(0);
  });
});

describe('what refers to the metrics', () => {
  it('docs/monitoring.md tells of each, and of no others', async () => {
    const page = readFileSync(join(repository, 'docs', 'monitoring.md'), 'utf8');
    const told = [...page.matchAll(/^\| `(errand_\w+)`/gm)].map(([, name = '']) => name);
    expect(told.toSorted()).toEqual(namesOf(await (await fetch(url)).text()).toSorted());
  });

  it('the dashboard and the alerts name none that there is not', async () => {
    const known = new Set(namesOf(await (await fetch(url)).text()));
    const files = ['grafana/errand.json', 'prometheus/alerts.yaml'].map((file) => join(repository, 'deploy', file));
    const [dashboard = '', alerts = ''] = files.map((file) => readFileSync(file, 'utf8'));
    const named = [...(dashboard + alerts).matchAll(/\berrand_\w+/g)].map(([name]) => name);
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((name) => !known.has(name.replace(/_(?:bucket|sum|count)$/, '')))).toEqual([]);
    const { groups } = parse(alerts) as { groups: { rules: { alert: string }[] }[] };
    const page = readFileSync(join(repository, 'docs', 'monitoring.md'), 'utf8');
    for (const { alert } of groups[0]?.rules ?? []) expect(page).toContain(`| \`${alert}\` |`);
  });
});
