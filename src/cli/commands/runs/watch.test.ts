import { describe, expect, it } from 'vitest';
import {
  apiError,
  startRestStub,
  STUB_ENDED_RUN,
  STUB_EVENTS,
  STUB_RUN_ID,
  stubRun,
  writeEvents,
  type StubAnswer,
} from '../../../../test/support/http/rest-stub.js';
import { closers, stub, cli, ok, setUp } from '../../../../test/support/server/cli-under-test.js';

setUp();

describe('errand watch', () => {
  const whole: StubAnswer = ({ url }, response) => {
    if (!url.includes('/events')) return ok(STUB_ENDED_RUN);
    writeEvents(response, STUB_EVENTS);
    response.end();
    return null;
  };

  it('prints a plain line for each change in a pipe', async () => {
    const server = await stub(whole);
    const { code, out } = await cli(['watch', 'agent_run_0190b0c27f3a7abc8def0123456789ab'], { url: server.url });
    expect(code).toBe(0);
    expect(out.split('\n').slice(0, 5)).toEqual([
      '2026-11-21T12:00:01.000Z  run: pending',
      '2026-11-21T12:00:02.000Z  run: running',
      '2026-11-21T12:00:03.000Z  Link Checker: running',
      '2026-11-21T12:00:04.000Z  Link Checker: 40% page 2 of 5',
      '2026-11-21T12:00:05.000Z  Link Checker: findings: Two dead links.',
    ]);
    expect(out).toMatch(/run: completed: All is well\.\n$/);
    expect(out).not.toContain('\u001B');
  });

  it('prints one JSON event a line with --json, and nothing else', async () => {
    const server = await stub(whole);
    const { out, err } = await cli(['watch', STUB_RUN_ID, '--json'], { url: server.url });
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual(STUB_EVENTS);
    expect(err).toBe('');
  });

  it('goes on where it was after cut connections, and loses or repeats nothing', async () => {
    let connections = 0;
    const server = await stub(({ url, headers }, response) => {
      if (!url.includes('/events')) return ok(connections > 2 ? STUB_ENDED_RUN : stubRun({ status: 'running' }));
      connections += 1;
      if (connections === 2) return { status: 503, body: apiError('unavailable', 'Shutting down.') };
      const from = Number(headers['last-event-id'] ?? 0);
      // One event again, as a server may that went back to its last commit.
      writeEvents(response, STUB_EVENTS.slice(Math.max(0, from - 1), connections === 1 ? 4 : undefined));
      if (connections === 1) setImmediate(() => response.destroy());
      else response.end();
      return null;
    });
    const { code, out, err } = await cli(['watch', STUB_RUN_ID, '--json'], { url: server.url });
    expect(code).toBe(0);
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { seq: number }).seq),
    ).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(server.requests.filter(({ url }) => url.includes('/events')).at(-1)).toMatchObject({
      url: `/api/v1/runs/${STUB_RUN_ID}/events?after=4`,
      headers: { 'last-event-id': '4' },
    });
    expect(err).toBe('');
  });

  it('survives a restart of the server in the middle of a run', async () => {
    const first = await startRestStub(({ url }, response) => {
      if (!url.includes('/events')) return ok(stubRun({ status: 'running' }));
      writeEvents(response, STUB_EVENTS.slice(0, 4));
      return null;
    });
    const watching = cli(['watch', STUB_RUN_ID], { url: first.url });
    await expect.poll(() => first.requests.length).toBe(2);
    await first.close();
    const second = await startRestStub(({ url }, response) => {
      if (!url.includes('/events')) return ok(STUB_ENDED_RUN);
      writeEvents(response, STUB_EVENTS.slice(4));
      response.end();
      return null;
    }, first.port);
    closers.push(() => second.close());
    const { code, out, err } = await watching;
    expect(code).toBe(0);
    expect(out.match(/\n/g)).toHaveLength(9);
    expect(err).toContain('The connection to the server was cut; trying again.');
  });

  it('gives up at once when the run is not there', async () => {
    const server = await stub(() => ({ status: 404, body: apiError('not_found', 'No such run.') }));
    expect(await cli(['watch', STUB_RUN_ID], { url: server.url })).toEqual({
      code: 1,
      out: '',
      err: 'error: No such run.\n',
    });
  });

  it('leaves the run running on Ctrl-C, gives the cursor back and says how to watch again', async () => {
    const server = await stub(({ url }, response) => {
      if (!url.includes('/events')) return ok(stubRun({ status: 'running' }));
      writeEvents(response, STUB_EVENTS.slice(0, 4));
      return null;
    });
    let interrupt: ((signal: NodeJS.Signals) => void) | undefined;
    const watching = cli(['watch', STUB_RUN_ID], {
      url: server.url,
      columns: 80,
      onInterrupt: (listener) => {
        interrupt = listener;
        return () => undefined;
      },
    });
    await expect.poll(() => server.requests.length).toBe(2);
    interrupt?.('SIGINT');
    const { code, out, err } = await watching;
    expect(code).toBe(130);
    expect(err).toBe(`Stopped watching; the run goes on. Watch it again: errand watch ${STUB_RUN_ID}\n`);
    expect(out.indexOf('\u001B[?25l')).toBe(0);
    expect(out.endsWith('\u001B[?25h')).toBe(true);
    expect(server.requests.every(({ method }) => method === 'GET')).toBe(true);
  });

  it('draws the run in place on a terminal and ends with what came of it', async () => {
    let ended = false;
    const server = await stub(({ url }, response) => {
      if (!url.includes('/events')) return ok(ended ? STUB_ENDED_RUN : stubRun({ status: 'running' }));
      ended = true;
      writeEvents(response, STUB_EVENTS.slice(1));
      response.end();
      return null;
    });
    const { code, out } = await cli(['watch', STUB_RUN_ID], { url: server.url, columns: 80, env: { NO_COLOR: '1' } });
    expect(code).toBe(0);
    expect(out).toContain('\u001B[J');
    expect(out).not.toContain('\u001B[3');
    const last = out.slice(out.lastIndexOf('\u001B[J') + 3);
    expect(last).toContain('Site Checkup · completed · 7.0 s');
    expect(last).toContain('All is well.');
    expect(last).toContain('"score": 87');
    expect(last).toContain('Credits: 25 of 25 reserved were used.');
  });
});
