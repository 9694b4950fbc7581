import { afterAll, beforeAll, beforeEach } from 'vitest';
import { bearer, KEY_A, startFixture, type Fixture } from './http-fixture.js';
import { SAMPLE_RUNS, sampleWorkflow } from '../runs/sample-records.js';

/** The REST API over recorded services, which start again with each test. */

export let fixture: Fixture;
export let api: string;

/** To be called by the file whose tests are to have it. */
export function setUp(): void {
  beforeAll(async () => {
    fixture = await startFixture({
      workflows: [sampleWorkflow(), sampleWorkflow({ id: 'anything', input: { type: 'object' }, credits: 0 })],
    });
    api = `${fixture.url}/api/v1`;
  });
  afterAll(() => fixture.close());
  beforeEach(() => fixture.services.renew());
}

export async function get(path: string, key = KEY_A): Promise<Response> {
  return await fetch(api + path, { headers: bearer(key) });
}

export async function json(response: Response | Promise<Response>): Promise<unknown> {
  return await (await response).json();
}

export const RUN_URL = `/runs/run_${SAMPLE_RUNS.running.id}`;
