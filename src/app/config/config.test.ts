import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadConfig } from './config.js';

const refusal = (env: { readonly [name: string]: string }): string => {
  try {
    loadConfig({ env });
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing was refused';
};

describe('the settings of models', () => {
  it('keep everything, with the key of the data folder, unless they say otherwise', () => {
    expect(loadConfig({ env: {} })).toMatchObject({
      defaultModel: null,
      modelPrices: null,
      modelContent: 'keep',
      modelFiles: 'public',
      secretKey: null,
      secretsDir: null,
    });
    const env = {
      ERRAND_DEFAULT_MODEL: 'openai/gpt-5-mini, ollama/qwen3',
      ERRAND_MODEL_PRICES: 'prices.json',
      ERRAND_MODEL_CONTENT: 'DROP',
      ERRAND_MODEL_FILES: 'any',
      ERRAND_SECRET_KEY: Buffer.alloc(32, 5).toString('base64'),
      ERRAND_SECRETS_DIR: '/run/secrets',
      OPENAI_API_KEY: 'sk-x',
    };
    expect(loadConfig({ env })).toMatchObject({
      defaultModel: 'openai/gpt-5-mini, ollama/qwen3',
      modelPrices: resolve('prices.json'),
      modelContent: 'drop',
      modelFiles: 'any',
      secretKey: Buffer.alloc(32, 5),
      secretsDir: '/run/secrets',
      environment: env,
    });
  });

  it('are refused when they are wrong, by name', () => {
    expect(refusal({ ERRAND_DEFAULT_MODEL: 'gpt-5' })).toMatch(/^ERRAND_DEFAULT_MODEL must be provider\/model/);
    expect(refusal({ ERRAND_MODEL_CONTENT: 'burn' })).toMatch(
      /^ERRAND_MODEL_CONTENT must be one of keep, redact, drop/,
    );
    expect(refusal({ ERRAND_MODEL_FILES: 'inside' })).toMatch(/^ERRAND_MODEL_FILES must be public, or any/);
    expect(() => loadConfig({ env: {}, flags: { modelFiles: 'inside' } })).toThrow(/^--model-files must be public/);
  });

  it('do not show a secret key that is wrong', () => {
    const message = refusal({ ERRAND_SECRET_KEY: 'almost-a-key-that-nobody-may-see' });
    expect(message).toMatch(/^ERRAND_SECRET_KEY must be 32 bytes/);
    expect(message).not.toContain('almost');
  });
});

describe('the settings of who may call', () => {
  it('are lists of host names and of origins', () => {
    expect(loadConfig({ env: {} })).toMatchObject({ allowedHosts: [], allowedOrigins: [] });
    const env = {
      ERRAND_ALLOWED_HOSTS: ' Errand.example:8787, [::2],10.0.0.5 ,',
      ERRAND_ALLOWED_ORIGINS: 'https://App.example/, http://localhost:3000,null,*',
    };
    expect(loadConfig({ env })).toMatchObject({
      allowedHosts: ['errand.example', '[::2]', '10.0.0.5'],
      allowedOrigins: ['https://app.example', 'http://localhost:3000', 'null', '*'],
    });
    expect(loadConfig({ env, flags: { allowedHosts: '*' } }).allowedHosts).toEqual(['*']);
  });

  it.each(['http://a.example', 'a.example/x', 'a b', 'a.example?x', 'user@a.example'])('refuse the host %j', (host) => {
    expect(refusal({ ERRAND_ALLOWED_HOSTS: host })).toMatch(/^ERRAND_ALLOWED_HOSTS must be host names/);
  });

  it.each(['a.example', 'https://a.example/x', 'ftp://a.example', 'https://u@a.example'])(
    'refuse the origin %j',
    (origin) => {
      expect(refusal({ ERRAND_ALLOWED_ORIGINS: origin })).toMatch(/^ERRAND_ALLOWED_ORIGINS must be origins/);
    },
  );
});

describe('the environment', () => {
  const folder = mkdtempSync(join(tmpdir(), 'errand-config-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  function fileWith(name: string, text: string): string {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  }

  it('is read without the line breaks and blanks around values, and what is empty is not set', () => {
    const key = `sk_live_${'x'.repeat(32)}`;
    const env = {
      ERRAND_BOOTSTRAP_KEY: `${key}\r\n`,
      ERRAND_PORT: ' 9000\n',
      ERRAND_PUBLIC_URL: 'https://errand.example\n',
      ERRAND_DATA: '/var/lib/errand\n',
      ERRAND_DURABILITY: 'relaxed ',
      ERRAND_KEEP_RUNS: ' \n',
      OPENAI_API_KEY: 'sk-x\n',
    };
    expect(loadConfig({ env })).toMatchObject({
      bootstrapKey: key,
      port: 9000,
      publicUrl: 'https://errand.example',
      dataDir: '/var/lib/errand',
      durability: 'relaxed',
      keepRuns: null,
      environment: { OPENAI_API_KEY: 'sk-x' },
    });
  });

  it('of a pod beside a Kubernetes Service named errand sets no port', () => {
    const env = {
      ERRAND_PORT: 'tcp://10.96.12.7:8787',
      ERRAND_SERVICE_HOST: '10.96.12.7',
      ERRAND_SERVICE_PORT: '8787',
      ERRAND_PORT_8787_TCP: 'tcp://10.96.12.7:8787',
      ERRAND_PORT_8787_TCP_PROTO: 'tcp',
    };
    expect(loadConfig({ env }).port).toBe(8787);
    expect(loadConfig({ env, flags: { port: '9000' } }).port).toBe(9000);
    expect(refusal({ ERRAND_PORT: 'http://10.96.12.7' })).toMatch(/^ERRAND_PORT must be a whole number/);
  });

  it('may name files with values', () => {
    const env = {
      ERRAND_BOOTSTRAP_KEY_FILE: fileWith('key', `sk_live_${'y'.repeat(32)}\n`),
      ERRAND_SECRET_KEY_FILE: fileWith('secret', `${Buffer.alloc(32, 7).toString('base64')}\n`),
      ERRAND_PORT_FILE: fileWith('port', '9001\n'),
      OPENAI_API_KEY_FILE: fileWith('openai', 'sk-file\n'),
      ACME_API_KEY_FILE: fileWith('acme', 'sk-acme\n'),
      // Another program's, which this user may not read.
      OTHER_API_KEY_FILE: join(folder, 'not-there'),
    };
    expect(loadConfig({ env })).toMatchObject({
      bootstrapKey: `sk_live_${'y'.repeat(32)}`,
      secretKey: Buffer.alloc(32, 7),
      port: 9001,
      environment: { OPENAI_API_KEY: 'sk-file', ACME_API_KEY: 'sk-acme' },
    });
  });

  it('is refused when a file that it names cannot be used, or says the same twice', () => {
    const missing = join(folder, 'not-there');
    expect(refusal({ ERRAND_BOOTSTRAP_KEY_FILE: missing })).toContain(
      `ERRAND_BOOTSTRAP_KEY_FILE names the file "${missing}", which cannot be used: ENOENT`,
    );
    expect(refusal({ OPENAI_API_KEY_FILE: missing })).toContain('OPENAI_API_KEY_FILE names the file');
    expect(refusal({ ERRAND_SECRET_KEY_FILE: fileWith('empty', '\n') })).toContain('it is empty');
    expect(refusal({ ERRAND_SECRET_KEY_FILE: fileWith('large', 'x'.repeat(70_000)) })).toContain('larger than');
    expect(refusal({ ERRAND_PORT: '1', ERRAND_PORT_FILE: missing })).toBe(
      'ERRAND_PORT and ERRAND_PORT_FILE are both set; set one of them.',
    );
  });
});

it('the time that runs are kept has a bound', () => {
  expect(loadConfig({ env: { ERRAND_KEEP_RUNS_FOR: '36500d' } }).keepRunsForMs).toBe(36_500 * 86_400_000);
  const wanted = /^ERRAND_KEEP_RUNS_FOR must be a time such as 30d, 12h or 90m, of at most 36500d/;
  expect(refusal({ ERRAND_KEEP_RUNS_FOR: '36501d' })).toMatch(wanted);
  expect(refusal({ ERRAND_KEEP_RUNS_FOR: '99999999999999d' })).toMatch(wanted);
});
