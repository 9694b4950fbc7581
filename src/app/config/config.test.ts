import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
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
    });
    const env = {
      ERRAND_DEFAULT_MODEL: 'openai/gpt-5-mini, ollama/qwen3',
      ERRAND_MODEL_PRICES: 'prices.json',
      ERRAND_MODEL_CONTENT: 'DROP',
      ERRAND_MODEL_FILES: 'any',
      ERRAND_SECRET_KEY: Buffer.alloc(32, 5).toString('base64'),
      OPENAI_API_KEY: 'sk-x',
    };
    expect(loadConfig({ env })).toMatchObject({
      defaultModel: 'openai/gpt-5-mini, ollama/qwen3',
      modelPrices: resolve('prices.json'),
      modelContent: 'drop',
      modelFiles: 'any',
      secretKey: Buffer.alloc(32, 5),
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
