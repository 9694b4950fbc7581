import { afterAll, beforeAll, beforeEach } from 'vitest';
import { type ModelServer, startModelServer } from './model-server.js';
import { LOCAL_MODEL, MODELS, SERVER_KEY } from './models-against.js';
import type { ModelAnswer, ToolSpec } from '../../../src/core/models/models.js';

/** A scripted server of models for a file of tests. */

export let server: ModelServer;

/** To be called by the file whose tests are to have it. */
export function setUp(): void {
  beforeAll(async () => {
    server = await startModelServer({ key: SERVER_KEY });
  });
  beforeEach(() => server.script(() => 'ok'));
  afterAll(() => server.close());
}

export const ALL = [...Object.values(MODELS), LOCAL_MODEL];

export const SEARCH: ToolSpec = {
  name: 'search',
  description: 'Searches the web.',
  inputSchema: { type: 'object', properties: { query: { type: 'string' } }, required: ['query'] },
};

export const SCORE = {
  type: 'object',
  properties: { score: { type: 'number' } },
  required: ['score'],
  additionalProperties: false,
};

/** What an API calls it when some tool is to be called, where that is not `required`. */
export const REQUIRED: { readonly [model: string]: string } = { [MODELS.anthropic]: 'any', [MODELS.google]: 'ANY' };

/** As a step's outcome comes out of the log. */
export function stored(answer: ModelAnswer): ModelAnswer {
  return JSON.parse(JSON.stringify(answer)) as ModelAnswer;
}

export function lastRequest() {
  const request = server.requests.at(-1);
  if (request === undefined) throw new Error('nothing was asked');
  return request;
}
