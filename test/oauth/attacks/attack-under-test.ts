import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { startNativeStack, type NativeStack } from '../../support/http/native-stack.js';
import { Person } from '../../support/oauth/person.js';
import { PlainClient } from '../../support/oauth/plain-client.js';

/** The server that a file attacks, and for each of its tests a new organization with a person and a client. */

export const HOUR = 3_600_000;

export let stack: NativeStack;
export let base = '';
export let clock: ManualClock;
/** To be called by the file whose tests are to have it. */
export function setUp(): void {
  beforeAll(async () => {
    clock = new ManualClock();
    stack = await startNativeStack(undefined, { clock, fetchDocument: () => Promise.reject(new Error('no network')) });
    base = stack.url.origin;
  });
  afterAll(() => stack.close());
  beforeEach(async () => {
    // Its limits of registrations and sign-ins a minute are another test's.
    clock.jumpTo(clock.now() + 60_000);
    const caller = await stack.newCaller();
    organization = caller.organization;
    person = new Person(caller.key);
    client = await PlainClient.registered(base);
  });
}

export let organization = '';
export let person: Person;
export let client: PlainClient;

export async function errorOf(answer: Promise<Response>): Promise<string> {
  const response = await answer;
  expect(response.status).toBeGreaterThanOrEqual(400);
  return ((await response.json()) as { error: string }).error;
}

export async function startWaiting(token: string): Promise<{ run: string }> {
  const answer = await client.call(token, 'run_workflow', { workflow_id: 'release', input: {} });
  const { result } = (await answer.json()) as { result: { structuredContent: { run_id: string } } };
  return { run: result.structuredContent.run_id };
}
