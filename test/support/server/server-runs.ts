import { expect } from 'vitest';
import type { ApiRun } from '../../../src/api/api-types.js';
import type { ServerProcess } from './server-process.js';

export async function startRun(server: ServerProcess, workflowId: string, input: object = {}): Promise<string> {
  const { status, body } = await server.api('/runs', { method: 'POST', body: { workflow_id: workflowId, input } });
  expect(status).toBe(201);
  return String(body['run_id']);
}

export async function waitForEnd(server: ServerProcess, runId: string): Promise<ApiRun> {
  for (;;) {
    const { body } = await server.api(`/runs/${runId}?wait_seconds=20`);
    if (body['terminal'] === true) return body as unknown as ApiRun;
  }
}
