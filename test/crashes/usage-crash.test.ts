import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { ApiEvent, ApiMonthUsage } from '../../src/api/api-types.js';
import { startModelServer } from '../support/model-servers/model-server.js';
import { ServerProcess } from '../support/server/server-process.js';
import { startRun, waitForEnd } from '../support/server/server-runs.js';

/** `small` refuses whatever it is asked, and tells what that used. */
const FLOW = `
id: ask_many
name: Ask Many
description: Asks a model about each item.
nodes:
  - id: each
    kind: map
    over: "{{ [1..40] }}"
    concurrency: 4
    do: { kind: llm, model: [house/small, house/big], prompt: "About {{ item }}" }
`;

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

it(
  'a server that is killed counts every call in its log once, failed ones too, and no other',
  { timeout: 120_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'errand-usage-'));
    cleanUps.push(async () => rmSync(folder, { recursive: true, force: true }));
    const usage = { input: 10, output: 5 };
    const models = await startModelServer({
      script: ({ model }) => (model === 'small' ? { refusal: 'No.', usage } : { text: 'yes', usage }),
    });
    cleanUps.push(() => models.close());
    const workflows = join(folder, 'workflows');
    mkdirSync(workflows);
    writeFileSync(join(workflows, 'ask-many.yaml'), FLOW);
    writeFileSync(
      join(workflows, 'models.yaml'),
      `providers: { house: { api: openai-compatible, base_url: ${models.url}, key_env: HOUSE_KEY } }\n`,
    );
    const start = async (): Promise<ServerProcess> => {
      const env = { HOUSE_KEY: 'sk-house' };
      const started = await ServerProcess.start({ data: join(folder, 'data'), workflows, env });
      cleanUps.push(() => started.end('SIGKILL'));
      return started;
    };
    let server = await start();
    const id = await startRun(server, 'ask_many');
    for (const calls of [15, 41]) {
      await models.arrived(calls);
      await server.end('SIGKILL');
      server = await start();
    }
    const run = await waitForEnd(server, id);
    expect(run.status).toBe('completed');
    const { events } = (await server.api(`/runs/${id}/events?limit=1000`)).body as unknown as { events: ApiEvent[] };
    const callsOf = (of: string): number => events.filter(({ kind, data }) => kind === of && 'usage' in data).length;
    const [answered, refused] = [callsOf('step.completed'), callsOf('node.usage')];
    expect(answered).toBe(40);
    // What was refused is asked again where the server was killed before the answer that came in its place was kept.
    expect(refused).toBeGreaterThanOrEqual(40);
    expect(run.usage).toMatchObject({ calls: answered + refused, input_tokens: 10 * (answered + refused) });
    const month = (await server.api('/usage')).body as unknown as ApiMonthUsage;
    expect(Object.fromEntries(month.models.map(({ model, calls }) => [model, calls]))).toEqual({
      'house/big': answered,
      'house/small': refused,
    });
    expect(month.total).toMatchObject({ calls: answered + refused, output_tokens: 5 * (answered + refused) });
  },
);
