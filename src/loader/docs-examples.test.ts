import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ModelServerAnswer, ModelServerRequest } from '../../test/support/model-servers/answers.js';
import { startModelServer, type ModelServer } from '../../test/support/model-servers/model-server.js';
import { assemble, type Assembly } from '../app/assembly/assemble.js';
import type { Fault } from '../core/workflow/definition.js';
import type { Json } from '../core/json.js';
import { NO_MODELS_CONFIG } from '../core/models/models-config.js';
import { listExecutions } from '../core/run/node-execution.js';
import { isTerminal, type Run } from '../core/run/run.js';
import { nodeKinds } from '../nodes/registry.js';
import { systemPrincipal } from '../service/organizations/bootstrap.js';
import { checkDefinition } from '../workflow/check/check-definition.js';
import { parseSource } from '../workflow/parse-source.js';
import { loadFolder } from './load-folder.js';
import { packageRoot } from './bundles/package-root.js';

const guide = readFileSync(join(packageRoot, 'docs', 'workflows.md'), 'utf8');
const nodesGuide = readFileSync(join(packageRoot, 'docs', 'nodes.md'), 'utf8');

const yamlBlocks = (text: string): string[] =>
  [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, block]) => block ?? '');

it.each(yamlBlocks(guide))('the guide to workflows shows one without faults: %s', (text) => {
  const { value, faults } = parseSource({ text, format: 'yaml' });
  expect(faults).toEqual([]);
  expect(checkDefinition({ definition: value, kinds: nodeKinds })).toEqual([]);
});

it('the guide to nodes names every kind and each of its fields', () => {
  for (const kind of nodeKinds.values()) {
    const start = nodesGuide.indexOf(`### ${kind.kind}\n`);
    expect(start).toBeGreaterThan(0);
    const section = nodesGuide.slice(start, nodesGuide.indexOf('\n##', start + 1));
    for (const field of Object.keys(kind.fields)) expect(section).toMatch(new RegExp(`\`${field}\`|\\b${field}:`));
  }
});

interface Example {
  readonly section: string;
  readonly yaml: string;
  /** The handlers that the section shows under their names. */
  readonly files: readonly { readonly name: string; readonly text: string }[];
  readonly cases: readonly { readonly given: Json; readonly answered: Json | undefined; readonly gives: Json }[];
}

const CASE = /^Given `(.*?)`(?:\s+and\s+answered\s+`(.*?)`)?\s+it\s+gives\s+`(.*?)`/gm;

const examples: readonly Example[] = nodesGuide.split(/^###? /m).flatMap((text) => {
  const [yaml] = yamlBlocks(text);
  if (yaml === undefined) return [];
  const files = [...text.matchAll(/^`(\S+\.ts)`:\n\n```ts\n([\s\S]*?)```/gm)];
  return {
    section: text.slice(0, text.indexOf('\n')),
    yaml,
    files: files.map(([, name = '', code = '']) => ({ name, text: code })),
    cases: [...text.matchAll(CASE)].map(([, given = '', answered, gives = '']) => ({
      given: JSON.parse(given) as Json,
      answered: answered === undefined ? undefined : (JSON.parse(answered) as Json),
      gives: JSON.parse(gives) as Json,
    })),
  };
});

/** Of the order: a step of the clerk for each of its turns, made of what its tools gave. */
function answerAsTheGuideSays({ messages }: ModelServerRequest): ModelServerAnswer {
  if (messages[0]?.text.includes('How does this review sound?') === true) {
    return { json: { mood: 'bad', summary: 'The tea was cold.' } };
  }
  const results = messages.flatMap(({ toolResults }) => toolResults.map(({ output }) => JSON.parse(output) as Json));
  const [price, total, changed] = results as [{ body: { price: number } }?, { total: number }?, { dollars: number }?];
  if (price === undefined) return { toolCalls: [{ name: 'look_up', input: { article: 'tea' } }] };
  if (total === undefined) {
    return { toolCalls: [{ name: 'totals', input: { items: [{ price: price.body.price, count: 4 }] } }] };
  }
  if (changed === undefined) return { toolCalls: [{ name: 'to_dollars', input: { euros: total.total } }] };
  return { json: { euros: total.total, dollars: changed.dollars } };
}

describe('the guide to nodes', () => {
  let dir: string;
  let api: Server;
  let models: ModelServer;
  let assembly: Assembly;
  let visits = 0;
  let faults: readonly Fault[];

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'errand-docs-'));
    api = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://x');
      const answer = (status: number, body: object): void => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      };
      if (pathname === '/prices') answer(200, { price: 3 });
      else if (pathname === '/busy-once') answer((visits += 1) === 1 ? 503 : 200, { served: true });
      else answer(404, {});
    });
    await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
    models = await startModelServer({ script: answerAsTheGuideSays });
    const origin = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
    for (const [index, { yaml, files }] of examples.entries()) {
      writeFileSync(join(dir, `${index}.yaml`), yaml.replaceAll('https://api.example.com', origin));
      for (const { name, text } of files) writeFileSync(join(dir, name), text);
    }
    // The server that the guide calls `calculator`.
    const calculator = join(packageRoot, 'test', 'support', 'tool-servers', 'tool-server.mjs');
    const servers = { calculator: { command: process.execPath, args: [calculator] } };
    writeFileSync(join(dir, 'mcp-servers.yaml'), JSON.stringify(servers));
    assembly = await assemble({
      data: join(dir, 'data'),
      monthlyCredits: 100,
      maxActiveRuns: 100,
      models: {
        config: { ...NO_MODELS_CONFIG, aliases: new Map([['default', ['openai/gpt-5-mini']]]) },
        env: { OPENAI_API_KEY: 'sk-test', OPENAI_BASE_URL: models.url },
      },
    });
    const loaded = await loadFolder({ dir, kinds: nodeKinds, dataDir: assembly.dataDir });
    faults = loaded.faults;
    await assembly.catalog.replaceAll(loaded.workflows);
    assembly.mcp.configure(loaded.mcpServers);
    await assembly.start();
  });

  afterAll(async () => {
    await assembly.close({ graceMs: 0 });
    api.close();
    await models.close();
    rmSync(dir, { recursive: true, force: true });
  });

  async function answerWhenAsked(run: Run, answer: Json): Promise<void> {
    const caller = systemPrincipal(run.organizationId);
    await vi.waitFor(async () => {
      const { nodes } = await assembly.services.getRun(caller, { runId: run.id });
      const asking = listExecutions(nodes).find(({ question }) => question !== undefined);
      if (asking === undefined) throw new Error('nothing is asked yet');
      await assembly.services.answerRun(caller, { runId: run.id, nodeId: asking.id, answer });
    });
  }

  it('shows every kind and control, without faults', () => {
    expect(faults).toEqual([]);
    const shown = examples.map(({ section }) => section);
    const controls = ['Order', 'Conditions', 'Retries', 'Time limits', 'Failures', 'Fallbacks'];
    expect(shown).toEqual([...nodeKinds.keys(), ...controls]);
  });

  it.each(examples)('gives what it says under $section', async ({ yaml, cases }) => {
    const id = /^id: (\S+)/m.exec(yaml)?.[1] ?? '';
    const caller = systemPrincipal(assembly.defaultOrganizationId);
    expect(cases.length).toBeGreaterThan(0);
    for (const { given, answered, gives } of cases) {
      const { run } = await assembly.services.runWorkflow(caller, { workflowId: id, input: given });
      if (answered !== undefined) await answerWhenAsked(run, answered);
      const ended = await assembly.services.waitForRun(caller, { runId: run.id, timeoutMs: 10_000 });
      expect(isTerminal(ended.status)).toBe(true);
      expect(ended.output).toEqual(gives);
    }
  });
});
