import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EXAMPLE_RUN } from '../../../src/api/openapi/examples.js';
import type { ApiError, ApiEvent, ApiNode, ApiRun } from '../../../src/api/api-types.js';

export interface StubRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

/** Answers one request: with a status and JSON, or by writing to the response itself (null). */
export type StubAnswer = (
  request: StubRequest,
  response: ServerResponse,
) => { readonly status: number; readonly body: object } | null;

/** A small HTTP server instead of the REST API, for tests of what speaks to it. */
export async function startRestStub(
  answer: StubAnswer,
  port = 0,
): Promise<{ readonly url: string; readonly port: number; readonly requests: StubRequest[]; close(): Promise<void> }> {
  const requests: StubRequest[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const seen: StubRequest = {
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headers,
        body: text === '' ? null : (JSON.parse(text) as unknown),
      };
      requests.push(seen);
      const answered = answer(seen, response);
      if (answered === null) return;
      response.writeHead(answered.status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answered.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function apiError(code: ApiError['error']['code'], message: string): ApiError {
  return { error: { code, message } };
}

/** As the example of the API reference, before it has begun. */
export function stubNode(fields: Partial<ApiNode> & { readonly id: string }): ApiNode {
  const [example] = EXAMPLE_RUN.nodes;
  if (example === undefined) throw new Error('the example has no node');
  return { ...example, status: 'pending', attempt: 0, progress: 0, started_at: null, completed_at: null, ...fields };
}

export const STUB_RUN_ID = 'run_0190b0c2-7f3a-7abc-8def-0123456789ab';

/** As the example of the API reference, before it has begun, with two agents. */
export function stubRun(fields: Partial<ApiRun> = {}): ApiRun {
  const { output: _, ...example } = EXAMPLE_RUN;
  return {
    ...example,
    run_id: STUB_RUN_ID,
    workflow_id: 'site_checkup',
    workflow_name: 'Site Checkup',
    workflow_version: 1,
    status: 'pending',
    terminal: false,
    version: 1,
    agent_count: 2,
    credits_reserved: 25,
    credits_consumed: 0,
    created_at: '2026-11-21T12:00:00.000Z',
    started_at: null,
    completed_at: null,
    nodes: [
      stubNode({ id: 'links', role: 'link-checker', label: 'Link Checker' }),
      stubNode({ id: 'seo', role: 'seo-inspector', label: 'SEO Inspector' }),
    ],
    ...fields,
  };
}

export function stubEvent(
  seq: number,
  kind: string,
  nodeId: string | null = null,
  data: ApiEvent['data'] = {},
): ApiEvent {
  return { seq, at: `2026-11-21T12:00:${String(seq).padStart(2, '0')}.000Z`, kind, node_id: nodeId, data };
}

/** The log of a run in which both agents complete. */
export const STUB_EVENTS: readonly ApiEvent[] = [
  stubEvent(1, 'run.created', null, { input: {} }),
  stubEvent(2, 'run.started'),
  stubEvent(3, 'node.started', 'links', { attempt: 1 }),
  stubEvent(4, 'node.progress', 'links', { percent: 40, message: 'page 2 of 5' }),
  stubEvent(5, 'node.findings', 'links', { findings: 'Two dead links.' }),
  stubEvent(6, 'node.completed', 'links', { attempt: 1 }),
  stubEvent(7, 'node.started', 'seo', { attempt: 1 }),
  stubEvent(8, 'node.completed', 'seo', { attempt: 1 }),
  stubEvent(9, 'run.completed', null, { summary: 'All is well.' }),
];

export const STUB_ENDED_RUN: ApiRun = stubRun({
  status: 'completed',
  terminal: true,
  version: 9,
  credits_consumed: 25,
  summary: 'All is well.',
  started_at: '2026-11-21T12:00:02.000Z',
  completed_at: '2026-11-21T12:00:09.000Z',
  output: { score: 87 },
});

/** Starts a server-sent event stream and writes these events into it; the caller ends it. */
export function writeEvents(response: ServerResponse, events: readonly ApiEvent[]): void {
  if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(': hello\n\n');
  for (const event of events) {
    response.write(`id: ${event.seq}\nevent: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`);
  }
}
