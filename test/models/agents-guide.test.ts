import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startModelServer, type ModelServer } from '../support/model-servers/model-server.js';
import { repository, ServerProcess } from '../support/server/server-process.js';

const guide = readFileSync(join(repository, 'docs', 'agents.md'), 'utf8');

let project: string;
let models: ModelServer;

beforeEach(async () => {
  project = mkdtempSync(join(tmpdir(), 'errand-guide-'));
  mkdirSync(join(project, 'node_modules'));
  symlinkSync(repository, join(project, 'node_modules', 'errand'));
  for (const [, path = '', text = ''] of guide.matchAll(/^`(workflows\/\S+)`:\n\n```\w+\n([\s\S]*?)```/gm)) {
    mkdirSync(dirname(join(project, path)), { recursive: true });
    writeFileSync(join(project, path), text);
  }
  models = await startModelServer();
});

afterEach(async () => {
  await models.close();
  rmSync(project, { recursive: true, force: true });
});

it('the guide to agents leads to an agent that works, on a local model', async () => {
  const model = /ERRAND_DEFAULT_MODEL=(\S+) npm start/.exec(guide)?.[1] ?? '';
  const input = JSON.parse(/errand run advise --input '(.*?)'/.exec(guide)?.[1] ?? '') as { wish: string };
  models.script(({ messages }) => {
    const results = messages.flatMap(({ toolResults }) => toolResults);
    if (results.length === 0) return { toolCalls: [{ name: 'find_teas', input: { taste: 'smoky' } }] };
    const [tea] = JSON.parse(results[0]?.output ?? '[]') as { name: string }[];
    return { json: { tea: tea?.name ?? '', why: 'It smells of a campfire.' } };
  });
  const server = await ServerProcess.start({
    data: join(project, 'data'),
    workflows: join(project, 'workflows'),
    env: { ERRAND_DEFAULT_MODEL: model, OLLAMA_BASE_URL: models.url },
  });
  try {
    const { body } = await server.api('/runs', {
      method: 'POST',
      body: { workflow_id: 'advise', input, wait_seconds: 25 },
    });
    expect(body).toMatchObject({
      status: 'completed',
      output: { tea: 'Lapsang Souchong', why: 'It smells of a campfire.' },
      summary: 'Lapsang Souchong: It smells of a campfire.',
      credits_consumed: 2,
    });
    expect(models.requests.map(({ model: asked }) => `ollama/${asked}`)).toEqual([model, model]);
    expect(models.requests[0]?.messages[0]?.text).toContain(input.wish);
  } finally {
    await server.end('SIGTERM');
  }
}, 120_000);

it('the guide to agents shows workflows without faults', () => {
  const cli = join(repository, 'dist', 'cli', 'main.js');
  const said = execFileSync(process.execPath, [cli, 'workflows', 'check', 'workflows'], {
    cwd: project,
    encoding: 'utf8',
  });
  expect(said).toContain('advise');
}, 60_000);
