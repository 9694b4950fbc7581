import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listen, setUp } from '../support/http/local-servers-under-test.js';
import type { ModelServerAnswer, ModelServerRequest } from '../support/model-servers/answers.js';
import { startModelServer, type ModelServer } from '../support/model-servers/model-server.js';
import { ServerProcess } from '../support/server/server-process.js';
import { startRun, waitForEnd } from '../support/server/server-runs.js';

setUp();

const cleanUps: (() => Promise<unknown>)[] = [];

let folder: string;
let models: ModelServer;
let stock: { readonly url: string; readonly visits: string[] };

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'errand-agent-crash-'));
  cleanUps.push(async () => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'workflows'));
  models = await startModelServer();
  cleanUps.push(() => models.close());
  stock = await startStock();
});

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

/** Where the service says that things are. */
const SHELF = 'the third shelf behind the green door';

/** Whether any file of the data folder holds the text. */
function dataHolds(text: string): boolean {
  const data = join(folder, 'data');
  return readdirSync(data, { recursive: true, encoding: 'utf8' }).some((name) => {
    const file = join(data, name);
    return statSync(file).isFile() && readFileSync(file).includes(text);
  });
}

/** A service that a tool asks; keeps what it was asked. */
async function startStock(): Promise<typeof stock> {
  const visits: string[] = [];
  const port = await listen((request, response) => {
    visits.push(request.url ?? '');
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ left: visits.length, on: SHELF }));
  });
  return { url: `http://127.0.0.1:${port}`, visits };
}

async function serve(env: Record<string, string> = {}): Promise<ServerProcess> {
  const server = await ServerProcess.start({
    data: join(folder, 'data'),
    workflows: join(folder, 'workflows'),
    env: {
      OPENAI_API_KEY: 'sk-test',
      OPENAI_BASE_URL: models.url,
      ERRAND_DEFAULT_MODEL: 'openai/gpt-5-mini',
      ...env,
    },
  });
  cleanUps.push(() => server.end('SIGKILL'));
  return server;
}

async function runsOf(server: ServerProcess, workflowId: string): Promise<unknown[]> {
  const { body } = await server.api(`/runs?workflow_id=${workflowId}`);
  return body['runs'] as unknown[];
}

/** How many results of tools the model has been told so far. */
const toldOf = ({ messages }: ModelServerRequest): number =>
  messages.reduce((sum, { toolResults }) => sum + toolResults.length, 0);

describe('a server that is killed with SIGKILL', () => {
  it.each(['keep', 'drop'])(
    "in the middle of an agent's tenth model call makes neither the first nine nor any call of a tool again (content: %s)",
    { timeout: 240_000 },
    async (content) => {
      const journal = join(folder, 'journal');
      writeFileSync(journal, '');
      writeFileSync(
        join(folder, 'workflows', 'note.mjs'),
        `import { appendFileSync } from 'node:fs';
         export default ({ input, idempotencyKey }) => {
           appendFileSync(${JSON.stringify(journal)}, input.step + ' ' + idempotencyKey + '\\n');
           return 'noted';
         };`,
      );
      const input = '{ type: object, required: [step], properties: { step: { type: integer } } }';
      writeFileSync(
        join(folder, 'workflows', 'clerk.yaml'),
        `id: clerk
name: Clerk
description: Takes stock.
nodes:
  - id: clerk
    kind: agent
    goal: Take stock.
    tools:
      - { name: note, description: Takes a note., input: ${input}, code: ./note.mjs }
      - name: look
        description: Looks at the stock.
        input: ${input}
        http: { url: '${stock.url}/stock', query: { step: '{{ args.step }}' } }
`,
      );
      const answer = (request: ModelServerRequest): ModelServerAnswer => {
        const step = toldOf(request) / 2 + 1;
        if (step > 9) return request.index === 9 ? { kind: 'hang' } : 'All is there.';
        const toolCalls = ['note', 'look'].map((name) => ({ name, input: { step } }));
        return { toolCalls, usage: { input: 100, output: 10 } };
      };
      models.script(answer);

      const env = { ERRAND_MODEL_CONTENT: content };
      const first = await serve(env);
      const runId = await startRun(first, 'clerk');
      await models.arrived(10);
      await first.end('SIGKILL');
      expect(dataHolds(SHELF)).toBe(content === 'keep');

      const second = await serve(env);
      expect(await waitForEnd(second, runId)).toMatchObject({ status: 'completed', output: 'All is there.' });
      expect(models.requests.map(toldOf)).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 18]);
      const [lost, again] = models.requests.slice(9);
      expect(again?.messages).toEqual(lost?.messages);
      expect(stock.visits).toHaveLength(9);
      expect(new Set(stock.visits).size).toBe(9);
      const notes = readFileSync(journal, 'utf8').trim().split('\n');
      expect(notes.map((note) => Number(note.split(' ')[0]))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
      expect(new Set(notes.map((note) => note.split(' ')[1])).size).toBe(9);
      expect(JSON.stringify(again?.messages)).toContain(SHELF);
      expect(dataHolds(SHELF)).toBe(content === 'keep');
    },
  );

  it(
    'while an agent waits for a workflow that it uses starts that once, and goes on with what it gave, though only one run and one node may be active',
    { timeout: 240_000 },
    async () => {
      writeFileSync(
        join(folder, 'workflows', 'boss.yaml'),
        `id: boss
name: Boss
description: Has others do the work.
nodes:
  - { id: boss, kind: agent, goal: Have it counted., tools: [{ workflow: counter }] }
`,
      );
      writeFileSync(
        join(folder, 'workflows', 'counter.yaml'),
        `id: counter
name: Counter
description: Counts.
nodes:
  - { id: count, kind: llm, prompt: 'Count the {{ input.what }}.' }
`,
      );
      let counted = 0;
      models.script((request) => {
        if (request.messages[0]?.text === 'Count the apples.') {
          counted += 1;
          return counted === 1 ? { kind: 'hang' } : 'Seven apples.';
        }
        return toldOf(request) === 0
          ? { toolCalls: [{ name: 'counter', input: { what: 'apples' } }] }
          : `They say: ${request.messages.at(-1)?.toolResults[0]?.output}`;
      });
      const env = { ERRAND_MAX_ACTIVE_RUNS: '1', ERRAND_MAX_ACTIVE_NODES: '1' };
      const first = await serve(env);
      const runId = await startRun(first, 'boss');
      await models.arrived(2);
      await first.end('SIGKILL');

      const second = await serve(env);
      const ended = await waitForEnd(second, runId);
      expect(ended).toMatchObject({ status: 'completed', output: 'They say: Seven apples.' });
      // The boss twice, the counter once in each life.
      expect(models.requests).toHaveLength(4);
      expect(await runsOf(second, 'counter')).toHaveLength(1);
    },
  );
});
