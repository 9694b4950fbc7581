import { describe, expect, it } from 'vitest';
import { bearer, KEY_A, KEY_B } from '../../../../test/support/http/http-fixture.js';
import { SAMPLE_RUNS } from '../../../../test/support/runs/sample-records.js';
import { fixture, api, get, json, RUN_URL, setUp } from '../../../../test/support/http/rest-under-test.js';

setUp();

describe('the REST API, events', () => {
  async function finish(): Promise<void> {
    const { services } = fixture;
    const { id } = await services.put(SAMPLE_RUNS.running);
    await services.append(id, { kind: 'node.progress', nodeId: 'links', percent: 65, message: 'page 3' });
    await services.append(id, { kind: 'run.failed', error: { kind: 'error', message: 'no', nodeId: 'links' } });
  }

  it('are listed', async () => {
    await finish();
    expect(await json(get(`${RUN_URL}/events?after=2`))).toEqual({
      events: [
        {
          seq: 3,
          at: expect.stringMatching(/Z$/) as string,
          kind: 'run.failed',
          node_id: null,
          data: { error: { kind: 'error', message: 'no', node_id: 'links' } },
        },
      ],
      next_after: null,
    });
    expect(await json(get(`${RUN_URL}/events?after=1&limit=1`))).toMatchObject({
      events: [{ seq: 2 }],
      next_after: 2,
    });
  });

  it('stream as they come, until the run ends', async () => {
    const { services } = fixture;
    const { id } = await services.put(SAMPLE_RUNS.running);
    const headers = { ...bearer(KEY_A), accept: 'text/event-stream' };
    const response = await fetch(`${api}${RUN_URL}/events`, { headers });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    await services.append(id, { kind: 'node.progress', nodeId: 'links', percent: 65, message: 'page 3' });
    await services.append(id, { kind: 'run.cancelled', reason: 'enough' });
    const text = await response.text();
    expect(text).toContain('id: 2\nevent: node.progress\ndata: {"seq":2,');
    expect(text).toContain('"node_id":"links","data":{"percent":65,"message":"page 3"}}\n\n');
    expect(text).toMatch(/id: 3\nevent: run\.cancelled\ndata: .*\n\n$/);
  });

  it('stream from where a client left off, and say when there is no more', async () => {
    await finish();
    const headers = { ...bearer(KEY_A), accept: 'text/event-stream' };
    const rest = await fetch(`${api}${RUN_URL}/events`, { headers: { ...headers, 'last-event-id': '2' } });
    expect(await rest.text()).not.toContain('id: 2');
    expect((await fetch(`${api}${RUN_URL}/events?after=3`, { headers })).status).toBe(204);
  });

  it('stop being watched when the client goes away', async () => {
    await fixture.services.put(SAMPLE_RUNS.running);
    const gone = new AbortController();
    const headers = { ...bearer(KEY_A), accept: 'text/event-stream' };
    await fetch(`${api}${RUN_URL}/events`, { headers, signal: gone.signal });
    await expect.poll(() => fixture.services.waiters).toBe(1);
    gone.abort();
    await expect.poll(() => fixture.services.waiters).toBe(0);
  });

  it('leave nothing behind after a HEAD request', async () => {
    const { services } = fixture;
    await services.put(SAMPLE_RUNS.running);
    const headers = { ...bearer(KEY_A), accept: 'text/event-stream' };
    for (let count = 0; count < 150; count += 1) {
      const response = await fetch(`${api}${RUN_URL}/events`, { method: 'HEAD', headers });
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe('text/event-stream');
    }
    expect(services.waiters).toBe(0);
    expect(
      (await fetch(`${api}/runs/run_00000000-0000-7000-8000-000000000000/events`, { method: 'HEAD', headers })).status,
    ).toBe(404);
  });

  it('stream at most 100 times at once for a key', async () => {
    await fixture.services.put(SAMPLE_RUNS.running);
    const headers = { ...bearer(KEY_A), accept: 'text/event-stream' };
    const gone = new AbortController();
    const open = (): Promise<Response> => fetch(`${api}${RUN_URL}/events`, { headers, signal: gone.signal });
    const responses = await Promise.all(Array.from({ length: 100 }, open));
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]));
    const refused = await open();
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '5']);
    expect(await refused.json()).toMatchObject({
      error: { code: 'rate_limited', message: expect.stringContaining('At most 100 event streams') as string },
    });
    gone.abort();
    await expect.poll(() => fixture.services.waiters).toBe(0);
    expect((await fetch(`${api}${RUN_URL}/events`, { headers })).status).toBe(200);
  });

  it('of another organization are not found', async () => {
    await finish();
    expect((await get(`${RUN_URL}/events`, KEY_B)).status).toBe(404);
    const headers = { ...bearer(KEY_B), accept: 'text/event-stream' };
    expect((await fetch(`${api}${RUN_URL}/events`, { headers })).status).toBe(404);
  });
});
