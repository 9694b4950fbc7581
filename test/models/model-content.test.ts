import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { examine } from '../../src/app/assembly/data-folder.js';
import type { ApiRun } from '../../src/api/api-types.js';

setUp();
import {
  ENV_KEY,
  SECRET,
  folder,
  models,
  server,
  start,
  call,
  tool,
  run,
  eventsOf,
  dataHolds,
  setUp,
} from './models-under-test.js';

describe('what is kept of a talk with a model', () => {
  const talk = { HOUSE_KEY: ENV_KEY };

  it('is everything, unless it is said otherwise', async () => {
    await start({ environment: talk });
    models.script(() => `I heard: ${SECRET}`);
    const done = await run('sealed');
    const log = JSON.stringify(await eventsOf(done));
    expect(log).toContain(`Tell: ${SECRET}`);
    expect(log).toContain(`I heard: ${SECRET}`);
    await server.close();
    expect(dataHolds(`I heard: ${SECRET}`)).toBe(true);
  });

  it('is nothing with drop: not in the data folder while the run goes on, nor afterwards', async () => {
    await start({ environment: talk, modelContent: 'drop' });
    const held: boolean[] = [];
    models.script(() => {
      // The second time the first answer is in the log.
      held.push(dataHolds(SECRET));
      return { text: `I heard: ${SECRET}. And more.`, pieces: 8 };
    });
    const done = await run('sealed');
    expect([done.status, done.output]).toEqual(['completed', { length: SECRET.length + 20 }]);
    expect(held).toEqual([false, false]);
    const events = await eventsOf(done);
    expect(JSON.stringify(events)).not.toContain(SECRET);
    expect(events.find(({ kind }) => kind === 'step.completed')?.data['outcome']).toEqual({
      status: 'completed',
      output: { dropped: true },
    });
    expect(dataHolds(SECRET)).toBe(false);
    await server.close();
    expect(dataHolds(SECRET)).toBe(false);
    const inspections = await examine({ data: join(folder, 'data'), sample: null });
    expect(inspections.flatMap(({ faults }) => faults)).toEqual([]);
  });

  it('covers with drop what the tools of an agent were given and gave, on the way and afterwards', async () => {
    await start({ environment: talk, modelContent: 'drop' });
    const held: boolean[] = [];
    models.script(({ messages }) => {
      held.push(dataHolds(SECRET));
      const results = messages.flatMap(({ toolResults }) => toolResults.map(({ output }) => output));
      if (results.length > 0) return results.map((output) => output.includes(SECRET)).join(' ');
      return {
        toolCalls: [
          { name: 'look', input: { question: SECRET } },
          { name: 'phone', input: {} },
          { name: 'plain', input: {} },
        ],
      };
    });
    const done = await run('clerk');
    // The model was told all.
    expect([done.status, done.output]).toEqual(['completed', 'true true false']);
    expect(held).toEqual([false, false]);
    const events = await eventsOf(done);
    const kept = events.flatMap(({ kind, data }) =>
      kind === 'step.completed' && !/:step:/.test(data['key'] as string) ? [data['outcome']] : [],
    );
    // Two calls of the model, two tools, the step in one of them, and a run.
    expect(kept).toEqual(Array.from({ length: 6 }, () => ({ status: 'completed', output: { dropped: true } })));
    const told = [
      JSON.stringify(events),
      (await call('GET', `/runs/${done.run_id}`)).text,
      (await tool('/mcp', 'get_run_status', { run_id: done.run_id, detail: 'full' })).text,
    ];
    for (const text of told) expect(text).not.toContain(SECRET);
    expect(dataHolds(SECRET)).toBe(false);
    await server.close();
    expect(dataHolds(SECRET)).toBe(false);
  });

  it('is masked with redact', async () => {
    await start({ environment: talk, modelContent: 'redact' });
    models.script(() => 'Write to ada@example.com or call +49 30 1234567. Bye.');
    const done = await run('ask', { question: 'Where is bob@example.com?' });
    const log = JSON.stringify(
      (await eventsOf(done)).filter(({ kind }) => kind === 'step.completed' || kind === 'node.text'),
    );
    expect(log).toContain('Write to [email] or call [phone]. Bye.');
    expect(log).toContain('Where is [email]?');
    expect(log).not.toContain('ada@example.com');
    expect(log).not.toContain('bob@example.com');
  });

  it('is asked for anew when a run is retried whose answers were dropped', async () => {
    await start({ environment: talk, modelContent: 'drop' });
    const world = globalThis as { errandTestFails?: boolean };
    world.errandTestFails = true;
    const failed = await run('sealed');
    expect([failed.status, models.requests.length]).toEqual(['failed', 2]);
    world.errandTestFails = false;
    await call('POST', `/runs/${failed.run_id}/retry`, {});
    const retried = (await call('GET', `/runs/${failed.run_id}?wait_seconds=25`)).body as ApiRun;
    expect([retried.status, retried.usage?.calls, models.requests.length]).toEqual(['completed', 4, 4]);
  });
});
