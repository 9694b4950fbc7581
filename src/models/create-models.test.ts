import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { server, setUp } from '../../test/support/model-servers/answers-under-test.js';
import {
  ask,
  LOCAL_MODEL,
  MODELS,
  modelsAgainst,
  SERVER_KEY,
} from '../../test/support/model-servers/models-against.js';
import type { Logger } from '../core/ports/logger.js';
import { silentLogger } from '../core/ports/logger.js';
import { NO_MODELS_CONFIG, PLAIN_PROVIDER } from '../core/models/models-config.js';
import { NodeFailure } from '../core/handlers/node-kind.js';
import { nodeClock } from '../app/process/node-clock.js';
import { createModels } from './create-models.js';

setUp();

const FIRST = MODELS['openai-responses'];
const SECOND = MODELS.anthropic;

describe('a list of models', () => {
  it.each([
    ['is overloaded', { kind: 'error', status: 529 }],
    ['asks to wait', { kind: 'error', status: 429 }],
    ['hangs up', { cut: 'before' }],
    ['talks nonsense', { kind: 'malformed', what: 'shape' }],
    ['does not know the key', { kind: 'error', status: 401 }],
    ['does not exist', { kind: 'error', status: 404 }],
    ['refuses', { refusal: 'No.' }],
    ['cannot read so much', { kind: 'error', status: 400, code: 'context_length_exceeded' }],
  ] as const)('is asked further when the first %s', async (_, answer) => {
    server.script(({ api }) => (api === 'anthropic' ? 'the second' : answer));
    const told = await ask(modelsAgainst(server), [FIRST, SECOND]);
    expect(told).toMatchObject({ model: SECOND, text: 'the second' });
  });

  it('is not asked further when the request itself is wrong', async () => {
    const asked = server.requests.length;
    server.script(() => ({ kind: 'error', status: 400, message: 'no such parameter' }));
    await expect(ask(modelsAgainst(server), [FIRST, SECOND])).rejects.toMatchObject({
      kind: 'model_bad_request',
      retryable: false,
    });
    expect(server.requests.length - asked).toBe(1);
  });

  it('is asked further when the first is not configured', async () => {
    const models = modelsAgainst(server, { env: { OPENAI_API_KEY: '' } });
    expect((await ask(models, [FIRST, SECOND])).model).toBe(SECOND);
  });

  it('fails with what the first said, and what the others did, as soon as all failed', async () => {
    server.script(({ api }) =>
      api === 'anthropic' ? { kind: 'error', status: 401 } : { kind: 'error', status: 500, message: 'broken' },
    );
    await expect(ask(modelsAgainst(server), [FIRST, SECOND])).rejects.toMatchObject({
      kind: 'model_overloaded',
      retryable: true,
      message: `${FIRST} answered 500: broken; then ${SECOND} answered 401: Incorrect API key provided.`,
    });
  });

  it('can be tried again when any of them can be', async () => {
    server.script(({ api }) =>
      api === 'anthropic'
        ? { kind: 'error', status: 429, headers: { 'retry-after': '30' } }
        : { kind: 'error', status: 401 },
    );
    await expect(ask(modelsAgainst(server), [FIRST, SECOND])).rejects.toMatchObject({
      kind: 'model_unauthorized',
      retryable: true,
      retryAfterMs: 30_000,
    });
  });

  it('waits for whichever comes back first', async () => {
    server.script(({ api }) => ({
      kind: 'error',
      status: 429,
      headers: { 'retry-after': api === 'anthropic' ? '20' : '60' },
    }));
    await expect(ask(modelsAgainst(server), [FIRST, SECOND])).rejects.toMatchObject({
      kind: 'model_rate_limited',
      retryAfterMs: 20_000,
    });
  });

  it('tells the text of the one that answers from its beginning', async () => {
    server.script(({ api }) =>
      api === 'anthropic' ? { text: 'second', pieces: 2 } : { text: 'first!', cut: 'middle' },
    );
    const heard: [string, number][] = [];
    await ask(modelsAgainst(server), ['chat/gpt-4o', SECOND], {}, { onText: (...delta) => heard.push(delta) });
    const offsets = heard.map(([, offset]) => offset);
    expect(offsets.filter((offset) => offset === 0)).toHaveLength(2);
    expect(heard.slice(offsets.lastIndexOf(0)).map(([delta]) => delta)).toEqual(['sec', 'ond']);
  });

  it('is not asked further when the call is aborted, whatever with', async () => {
    const asked = server.requests.length;
    const late = new NodeFailure('too late', { kind: 'timeout' });
    const controller = new AbortController();
    server.script(() => {
      controller.abort(late);
      return { kind: 'hang' };
    });
    await expect(ask(modelsAgainst(server), [FIRST, SECOND], {}, { signal: controller.signal })).rejects.toBe(late);
    expect(server.requests.length - asked).toBe(1);
  });

  it('asks each model once, however often aliases name it', async () => {
    const asked = server.requests.length;
    server.script(() => ({ kind: 'error', status: 500 }));
    const aliases = new Map([['default', [FIRST, SECOND]]]);
    await expect(ask(modelsAgainst(server, { aliases }), [FIRST, 'default'])).rejects.toThrow('answered 500');
    expect(server.requests.length - asked).toBe(2);
  });
});

describe('an alias', () => {
  it('stands for the models that the configuration names', async () => {
    const aliases = new Map([['quick', [LOCAL_MODEL]]]);
    expect((await ask(modelsAgainst(server, { aliases }), 'quick')).model).toBe(LOCAL_MODEL);
  });

  it('"default" is what the environment says before all', async () => {
    const aliases = new Map([['default', [FIRST]]]);
    const env = { ERRAND_DEFAULT_MODEL: `${LOCAL_MODEL}, ${SECOND}` };
    expect((await ask(modelsAgainst(server, { aliases, env }), 'default')).model).toBe(LOCAL_MODEL);
    server.script(({ api }) => (api === 'anthropic' ? 'ok' : { kind: 'error', status: 500 }));
    expect((await ask(modelsAgainst(server, { aliases, env }), 'default')).model).toBe(SECOND);
  });

  it('that does not exist says what to do', async () => {
    await expect(ask(modelsAgainst(server), 'default')).rejects.toMatchObject({
      kind: 'model_not_configured',
      retryable: false,
      message: expect.stringContaining('set ERRAND_DEFAULT_MODEL to one') as string,
    });
    await expect(ask(modelsAgainst(server), 'quick')).rejects.toThrow('There is no model "quick"');
    await expect(ask(modelsAgainst(server), 'nobody/x')).rejects.toThrow('There is no provider for the model');
  });
});

describe('whether models can be used', () => {
  const models = createModels({
    config: NO_MODELS_CONFIG,
    env: { ANTHROPIC_API_KEY: 'sk-ant-x' },
    credentialOf: (provider, organizationId) =>
      Promise.resolve(provider === 'google' && organizationId === 'org-2' ? 'AIza-of-org-2' : null),
    fetch: () => Promise.reject(new Error('nothing is asked')),
    clock: nodeClock,
    logger: silentLogger,
  });

  it('is told of addresses of the environment that hold a password, without it', async () => {
    const env = { OPENAI_API_KEY: `${SERVER_KEY}\n`, OPENAI_BASE_URL: 'https://errand:s3cr3t@llm.internal/v1 ' };
    const withPassword = modelsAgainst(server, { env });
    const lacking = await withPassword.explainUnusable({ models: ['openai/gpt-5'], organizationId: 'org-1' });
    expect(lacking).toMatch(
      /^The address of the provider "openai" holds a user and password: take them out of OPENAI_BASE_URL/,
    );
    expect(lacking).not.toContain('s3cr3t');
  });

  it.each([
    [['openai/gpt-5'], /^The provider "openai" has no key: set OPENAI_API_KEY, or give the organization a credential/],
    [['openai/gpt-5', 'anthropic/claude-sonnet-5'], null],
    [['google/gemini-3-pro'], /GOOGLE_GENERATIVE_AI_API_KEY/],
    [['ollama/qwen3'], null],
    [['default'], /ERRAND_DEFAULT_MODEL/],
    [['openai/a', 'openai/b', 'google/c'], /OPENAI_API_KEY.*GOOGLE_GENERATIVE_AI_API_KEY/],
  ] as const)('is told of %j', async (names, expected) => {
    const reason = await models.explainUnusable({ models: names, organizationId: 'org-1' });
    expect(reason ?? '').toMatch(expected ?? /^$/);
  });

  it('depends on the organization', async () => {
    const asked = { models: ['google/gemini-3-pro'], organizationId: 'org-2' };
    expect(await models.explainUnusable(asked)).toBeNull();
  });

  it('is described for each provider and alias', async () => {
    models.configure({ ...NO_MODELS_CONFIG, aliases: new Map([['default', ['openai/gpt-5', 'anthropic/claude-x']]]) });
    const { providers, aliases, priced } = await models.describe('org-2');
    expect(providers.map(({ name, key, lacking }) => [name, key, lacking === null])).toEqual([
      ['openai', null, false],
      ['anthropic', 'environment', true],
      ['google', 'organization', true],
      ['ollama', 'not needed', true],
    ]);
    expect(aliases).toMatchObject([
      {
        name: 'default',
        models: [
          { name: 'openai/gpt-5', price: { input: 1.25 } },
          { name: 'anthropic/claude-x', lacking: null, price: null },
        ],
      },
    ]);
    expect(priced.map(({ name }) => name)).toContain('anthropic/claude-sonnet-5');
    expect(JSON.stringify(await models.describe('org-2'))).not.toMatch(/sk-ant-x|AIza-of-org-2/);
  });
});

describe('many calls under one signal', () => {
  it('are no leak', async () => {
    const warnings: string[] = [];
    const warn = ({ name }: Error): void => void warnings.push(name);
    process.on('warning', warn);
    const { signal } = new AbortController();
    const models = modelsAgainst(server);
    await Promise.all(Array.from({ length: 30 }, () => ask(models, FIRST, {}, { signal })));
    process.off('warning', warn);
    expect(warnings).not.toContain('MaxListenersExceededWarning');
  });
});

describe('the test of a model', () => {
  it('asks it for real', async () => {
    const signal = new AbortController().signal;
    const tested = await modelsAgainst(server).test({ model: LOCAL_MODEL, organizationId: 'org-1', signal });
    expect(tested).toMatchObject({ ok: true, model: LOCAL_MODEL, usage: { calls: 1 } });
    server.script(() => ({ kind: 'error', status: 404 }));
    expect(await modelsAgainst(server).test({ model: FIRST, organizationId: 'org-1', signal })).toMatchObject({
      ok: false,
      kind: 'model_unknown',
      message: expect.stringContaining('404') as string,
    });
  });
});

describe('a key', () => {
  it('of the organization goes before that of the environment', async () => {
    const asked = server.requests.length;
    const models = modelsAgainst(server, {
      env: { ANTHROPIC_API_KEY: 'wrong' },
      credentialOf: (provider, organizationId) =>
        Promise.resolve(`${provider} ${organizationId}` === 'anthropic org-7' ? SERVER_KEY : null),
    });
    expect((await ask(models, SECOND, {}, { organizationId: 'org-7' })).text).toBe('ok');
    await expect(ask(models, SECOND, {}, { organizationId: 'org-8' })).rejects.toMatchObject({
      kind: 'model_unauthorized',
    });
    expect(server.requests.slice(asked).map(({ headers }) => headers['x-api-key'])).toEqual([SERVER_KEY, 'wrong']);
  });

  it('is never logged', async () => {
    const lines: string[] = [];
    const log = (fields: object, message: string): void => void lines.push(JSON.stringify({ ...fields, message }));
    const logger: Logger = { debug: log, info: log, warn: log, error: log };
    const secret = 'a-secret-that-looks-like-nothing';
    const models = modelsAgainst(server, { logger, env: { OPENAI_API_KEY: secret } });
    await ask(models, [FIRST, SECOND]);
    expect(lines.join('\n')).toContain('Incorrect API key provided: ***');
    expect(lines.join('\n')).not.toContain(secret);
  });
});

describe('a header of a provider', () => {
  const providers = {
    gateway: {
      ...PLAIN_PROVIDER,
      api: 'openai-compatible' as const,
      headers: { 'x-team': 'visibility', authorization: 'Bearer ${GATEWAY_KEY}' },
    },
  };

  it('is sent along, with what the environment has', async () => {
    const own = { gateway: { ...providers.gateway, baseUrl: server.url } };
    await ask(modelsAgainst(server, { providers: own, env: { GATEWAY_KEY: SERVER_KEY } }), 'gateway/m');
    expect(server.requests.at(-1)?.headers).toMatchObject({
      'x-team': 'visibility',
      authorization: `Bearer ${SERVER_KEY}`,
    });
  });

  it('that lacks its value makes the provider unusable, as a missing address does', async () => {
    const asked = { models: ['gateway/m'], organizationId: 'org-1' };
    const own = { gateway: { ...providers.gateway, baseUrl: server.url } };
    expect(await modelsAgainst(server, { providers: own }).explainUnusable(asked)).toBe(
      'A header of the provider "gateway" lacks its value: set GATEWAY_KEY',
    );
    expect(await modelsAgainst(server, { providers }).explainUnusable(asked)).toContain('set "base_url"');
  });
});

describe('the cost of a call', () => {
  it('follows from the price list, and from the prices of the configuration before it', async () => {
    server.script(() => ({ text: 'x', usage: { input: 1_000_000, cached: 400_000, output: 100_000 } }));
    const prices = new Map([[LOCAL_MODEL, { input: 0.5, output: 1 }]]);
    const models = modelsAgainst(server, { prices });
    // 600,000 at 1.25, 400,000 at 0.125 and 100,000 at 10 dollars per million.
    expect((await ask(models, FIRST)).usage).toMatchObject({ costMicros: 1_800_000, unpricedCalls: 0 });
    expect((await ask(models, 'openai/gpt-5-2025-08-07')).usage.costMicros).toBe(1_800_000);
    expect((await ask(models, LOCAL_MODEL)).usage).toMatchObject({ costMicros: 600_000, unpricedCalls: 0 });
    expect((await ask(models, 'local/other')).usage).toMatchObject({ costMicros: 0, unpricedCalls: 1 });
  });
});

describe('a provider from a package', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'errand-packages-'));
  });

  afterEach(() => rm(folder, { recursive: true }));

  const provider = { ...PLAIN_PROVIDER, api: 'package' as const, package: '@acme/ai-provider', keyEnv: 'ACME_KEY' };
  const options = () => ({ providers: { acme: provider }, env: { ACME_KEY: 'acme-key' }, packagesFrom: [folder] });

  it('that is not installed says how to install it', async () => {
    await expect(ask(modelsAgainst(server, options()), 'acme/m')).rejects.toMatchObject({
      kind: 'model_not_configured',
      message:
        'The provider "acme" needs the package @acme/ai-provider, which is not installed: npm install @acme/ai-provider beside the workflows',
    });
  });

  it('is loaded from beside the workflows and given its key', async () => {
    const root = join(folder, 'node_modules', '@acme', 'ai-provider');
    await mkdir(root, { recursive: true });
    await writeFile(join(root, 'package.json'), JSON.stringify({ type: 'module', exports: { '.': './index.js' } }));
    await writeFile(
      join(root, 'index.js'),
      `export const createAcme = ({ apiKey, name }) => ({
        languageModel: (modelId) => ({
          specificationVersion: 'v3', provider: name, modelId, supportedUrls: {},
          doStream: async ({ prompt }) => ({
            stream: new ReadableStream({
              start(controller) {
                controller.enqueue({ type: 'stream-start', warnings: [] });
                controller.enqueue({ type: 'text-start', id: '1' });
                controller.enqueue({ type: 'text-delta', id: '1', delta: modelId + ' with ' + apiKey });
                controller.enqueue({ type: 'text-end', id: '1' });
                controller.enqueue({
                  type: 'finish', finishReason: { unified: 'stop' },
                  usage: { inputTokens: { total: 3 }, outputTokens: { total: 4 } },
                });
                controller.close();
              },
            }),
          }),
        }),
      });`,
    );
    const answer = await ask(modelsAgainst(server, options()), 'acme/vendor/big');
    expect(answer).toMatchObject({ model: 'acme/vendor/big', text: 'vendor/big with acme-key', finish: 'stop' });
    expect(answer.usage).toMatchObject({ inputTokens: 3, outputTokens: 4, unpricedCalls: 1 });
  });
});
