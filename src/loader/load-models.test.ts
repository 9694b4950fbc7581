import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BUILT_IN_PROVIDERS, NO_MODELS_CONFIG, PLAIN_PROVIDER } from '../core/models/models-config.js';
import { findWorkflowFiles } from './find-workflow-files.js';
import { loadModels } from './load-models.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'errand-models-'));
});

afterEach(() => rm(folder, { recursive: true }));

async function load(text: string) {
  await writeFile(join(folder, 'models.yaml'), text);
  const { config, faults, files } = await loadModels(folder);
  expect(files).toEqual([join(folder, 'models.yaml')]);
  return { config, faults: faults.map(({ file, line, path, message }) => `${file}:${line} ${path}: ${message}`) };
}

describe('models.yaml', () => {
  it('holds no addresses with passwords, and shows none', async () => {
    const { config, faults } = await load(`
providers:
  gateway: { api: openai-compatible, base_url: 'https://errand:s3cr3t@llm.internal:8443/v1' }
`);
    expect(config.providers.size).toBe(0);
    expect(faults).toEqual([expect.stringContaining('must not hold a user and password: put them into "headers"')]);
    expect(faults.join()).not.toContain('s3cr3t');
  });

  it('need not be there', async () => {
    expect(await loadModels(folder)).toEqual({
      config: NO_MODELS_CONFIG,
      faults: [],
      files: [join(folder, 'models.yaml')],
    });
    expect(await load('# nothing yet\n')).toEqual({ config: NO_MODELS_CONFIG, faults: [] });
  });

  it('is no workflow', async () => {
    await writeFile(join(folder, 'models.yaml'), '{}');
    expect(await findWorkflowFiles(folder)).toEqual([]);
  });

  it('declares providers, aliases and prices', async () => {
    const { config, faults } = await load(`
providers:
  gateway:
    api: openai-compatible
    base_url: https://gateway.example/v1
    key_env: GATEWAY_KEY
    headers: { x-team: visibility }
    requests_per_minute: 60
    concurrency: 4
    structured_output: json
  mistral: { api: package, package: '@ai-sdk/mistral', key_env: MISTRAL_API_KEY }
  openai: { requests_per_minute: 500 }
aliases:
  default: [gateway/big, openai/gpt-5-mini]
  quick: mistral/small
prices:
  gateway/big: { input: 1, cached_input: 0.1, cache_write: 1.25, output: 4 }
`);
    expect(faults).toEqual([]);
    expect(config.providers.get('gateway')).toEqual({
      api: 'openai-compatible',
      baseUrl: 'https://gateway.example/v1',
      baseUrlEnv: null,
      keyEnv: 'GATEWAY_KEY',
      headers: { 'x-team': 'visibility' },
      requestsPerMinute: 60,
      concurrency: 4,
      package: null,
      structuredOutput: 'json',
    });
    expect(config.providers.get('mistral')).toEqual({
      ...PLAIN_PROVIDER,
      api: 'package',
      package: '@ai-sdk/mistral',
      keyEnv: 'MISTRAL_API_KEY',
    });
    expect(config.providers.get('openai')).toEqual({ ...BUILT_IN_PROVIDERS.get('openai'), requestsPerMinute: 500 });
    expect([...config.aliases]).toEqual([
      ['default', ['gateway/big', 'openai/gpt-5-mini']],
      ['quick', ['mistral/small']],
    ]);
    expect([...config.prices]).toEqual([['gateway/big', { input: 1, cachedInput: 0.1, cacheWrite: 1.25, output: 4 }]]);
  });

  it('lets an address that it declares go before the one of the environment', async () => {
    const { config } = await load('providers: { openai: { base_url: "http://127.0.0.1:9/v1" } }');
    expect(config.providers.get('openai')).toMatchObject({ baseUrl: 'http://127.0.0.1:9/v1', baseUrlEnv: null });
  });

  it('tells each fault with its line, and keeps what has none', async () => {
    const { config, faults } = await load(`providers:
  Bad: { api: openai }
  one: { api: opena }
  two: { base_url: here }
  three: { api: openai-compatible }
  four: { api: package }
  five: { api: google, package: x, concurency: 2 }
  six: { api: openai, key_env: '$KEY', headers: { 'a b': 1 } }
  good: { api: openai }
aliases:
  none: []
  wrong: [gpt-5, opnai/gpt-5, good/x, one/x]
  fine: good/x
prices:
  good/x: { input: 1 }
  nobody/x: { input: -1, output: 1 }
alias: {}
`);
    expect(faults).toEqual([
      'models.yaml:2 providers.Bad: a name has lower-case letters, digits, _ and -, and starts with a letter',
      expect.stringMatching(
        /^models\.yaml:3 providers\.one\.api: must be openai or .* or package; did you mean "openai"\?/,
      ),
      'models.yaml:4 providers.two.base_url: must be an address such as http://127.0.0.1:11434/v1',
      expect.stringMatching(/^models\.yaml:4 providers\.two: the required field "api" is missing: openai, /),
      'models.yaml:5 providers.three: the required field "base_url" is missing',
      'models.yaml:6 providers.four: the required field "package" is missing: the npm name of an AI SDK provider',
      'models.yaml:7 providers.five.concurency: unknown field "concurency"; did you mean "concurrency"?',
      'models.yaml:7 providers.five.package: belongs to "api: package" only',
      'models.yaml:8 providers.six.key_env: must be the name of an environment variable, as in MY_API_KEY',
      'models.yaml:8 providers.six.headers["a b"]: is no name of a header',
      'models.yaml:8 providers.six.headers["a b"]: must be text, not a number',
      'models.yaml:11 aliases.none: names no model',
      'models.yaml:12 aliases.wrong[0]: must be provider/model, as in openai/gpt-5-mini',
      'models.yaml:12 aliases.wrong[1]: there is no provider "opnai"; did you mean "openai"?',
      'models.yaml:15 prices["good/x"]: the required field "output" is missing',
      'models.yaml:16 prices["nobody/x"]: there is no provider "nobody"; the providers are openai, anthropic, google, ollama, Bad, one, two, three, four, five, six, good',
      'models.yaml:16 prices["nobody/x"].input: must be US dollars per million tokens, 0 or more',
      'models.yaml:17 alias: unknown field "alias"; models.yaml has providers, aliases, prices',
    ]);
    expect([...config.providers.keys()]).toEqual(['good']);
    expect([...config.aliases.keys()]).toEqual(['fine']);
    expect([...config.prices]).toEqual([]);
  });

  it.each([
    ['providers: [openai]', 'providers: providers are declared by name, not as an array'],
    ['- openai', ': models.yaml must be an object, not an array'],
    ['providers: { openai: 5 }', 'providers.openai: a provider must be an object, not a number'],
    ['providers: {', ''],
  ])('is refused when it says %s', async (text, message) => {
    const { config, faults } = await load(text);
    expect(faults.join('\n')).toContain(message);
    expect(faults.length).toBeGreaterThan(0);
    expect(config.providers.size).toBe(0);
  });
});
