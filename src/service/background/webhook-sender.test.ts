import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook as Verifier } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startWebhookReceiver, type WebhookReceiver } from '../../../test/support/http/webhook-receiver.js';
import { assemble, type Assembly } from '../../app/assembly/assemble.js';
import { parseHostRules } from '../../app/config/wire-outbound.js';
import { describeSource } from '../../app/assembly/workflow-set.js';
import { type Principal, SCOPES } from '../../core/tenant/principal.js';
import type { Delivery } from '../../core/webhooks/delivery.js';
import { DEFAULT_WEBHOOK_EVENTS, type WebhookSettings, WEBHOOK_EVENTS } from '../../core/webhooks/webhook.js';
import { nodeKinds } from '../../nodes/registry.js';
import { ManualClock } from '../../testing/manual-clock.js';
import { defineWorkflow } from '../../workflow/define-workflow.js';

vi.setConfig({ testTimeout: 60_000 });

const workflows = [
  defineWorkflow({
    id: 'quick',
    name: 'Quick',
    description: 'Ends at once.',
    credits: 1,
    nodes: [{ id: 'say', kind: 'transform', with: 'said {{ input.of }}' }],
  }),
  defineWorkflow({
    id: 'asking',
    name: 'Asking',
    description: 'Asks.',
    nodes: [{ id: 'ask', kind: 'ask', question: 'Go on?', answer: { type: 'boolean' } }],
  }),
];

let folder: string;
let clock: ManualClock;
let assembly: Assembly;
let caller: Principal;
let receiver: WebhookReceiver;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'errand-sender-'));
  clock = new ManualClock(Date.now());
  receiver = await startWebhookReceiver();
  await open();
});
afterEach(async () => {
  await assembly.close({ graceMs: 0 });
  await receiver.close();
  rmSync(folder, { recursive: true, force: true });
});

async function open(allow = '127.0.0.1'): Promise<void> {
  const outbound = { allow: allow === '' ? [] : parseHostRules(allow, 'allow') };
  assembly = await assemble({ data: folder, monthlyCredits: 1_000, maxActiveRuns: 50, clock, outbound });
  for (const workflow of workflows) assembly.handlers.registerInline(workflow);
  await assembly.catalog.replaceAll(workflows.map((workflow) => describeSource(workflow, nodeKinds)));
  caller = { organizationId: assembly.defaultOrganizationId, keyId: null, scopes: SCOPES };
  await assembly.start();
}

const make = async (values: Partial<WebhookSettings> = {}) => {
  const settings = { name: 'n', url: `${receiver.url}/hook`, events: DEFAULT_WEBHOOK_EVENTS, workflowId: null };
  return assembly.services.createWebhook(caller, { settings: { ...settings, enabled: true, ...values } });
};
const run = (of = 'x', workflowId = 'quick') => assembly.services.runWorkflow(caller, { workflowId, input: { of } });
const list = () => assembly.services.listDeliveries(caller, { limit: 100 });

/** Long times as if the machine slept: what ticks each second would else do so 86,400 times for a day. */
async function pass(ms: number): Promise<void> {
  if (ms > 10_000) clock.jumpTo(clock.now() + ms - 1_000);
  await clock.advance(ms > 10_000 ? 1_000 : ms);
}

/** Moves the clock on, a little at a time, until it holds. */
async function until(check: () => Promise<void>, stepMs = 100): Promise<void> {
  await vi.waitFor(
    async () => {
      await pass(stepMs);
      await check();
    },
    { timeout: 50_000, interval: 5 },
  );
}

const untilEnded = (wanted: Partial<Delivery>, stepMs?: number): Promise<void> =>
  until(async () => expect(await list()).toMatchObject([wanted]), stepMs);

const bodies = () => receiver.received.map(({ body }) => JSON.parse(body) as { type: string; data: object });

describe('a webhook', () => {
  it('gets a signed message of a run that completed, with what it gave', async () => {
    const { secret } = await make();
    const { run: started } = await run('this');
    await untilEnded({ state: 'delivered', attemptCount: 1 });
    const [got] = receiver.received;
    expect(got?.path).toBe('/hook');
    expect(new Verifier(secret).verify(got?.body ?? '', got?.headers as Record<string, string>)).toMatchObject({
      type: 'run.completed',
      data: { run_id: `run_${started.id}`, status: 'completed', output: 'said this', credits_consumed: 1 },
    });
    expect(await list()).toMatchObject([
      { attempts: [{ status: 204, error: null, answer: '' }], event: 'run.completed' },
    ]);
  });

  it('gets the events of a run in their order, also where one of them is refused at first', async () => {
    await make({ events: WEBHOOK_EVENTS });
    receiver.answer = () => (receiver.received.length <= 2 ? 500 : 204);
    const { run: started } = await run('x', 'asking');
    await until(async () => expect(receiver.received.length).toBeGreaterThan(0));
    const answer = { runId: started.id, nodeId: 'ask', answer: true };
    await vi.waitFor(() => assembly.services.answerRun(caller, answer), { timeout: 5_000 });
    await until(
      async () => expect((await list()).map(({ state }) => state)).toEqual(Array(3).fill('delivered')),
      5_000,
    );
    expect(bodies().map(({ type }) => type)).toEqual([
      'run.waiting',
      'run.waiting',
      'run.waiting',
      'node.completed',
      'run.completed',
    ]);
    expect(new Set(receiver.received.slice(0, 3).map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(bodies()[0]?.data).toMatchObject({ node_id: 'ask', question: { message: 'Go on?' } });
  });

  it('gets only the events and the workflow that it asks for, and nothing of other organizations', async () => {
    await make({ workflowId: 'quick', events: ['run.completed'] });
    await assembly.services.createOrganization(caller, { slug: 'other', monthlyCredits: 5 });
    const { organizations } = await assembly.services.listOrganizations(caller, { limit: 10, offset: 0 });
    const other = organizations.find(({ slug }) => slug === 'other')?.id ?? '';
    await assembly.services.runWorkflow({ ...caller, organizationId: other }, { workflowId: 'quick', input: {} });
    const { run: asking } = await run('x', 'asking');
    await assembly.services.cancelRun(caller, { runId: asking.id });
    await run();
    await untilEnded({ state: 'delivered', event: 'run.completed' });
    expect(receiver.received).toHaveLength(1);
  });

  it('is sent to by nobody while it is disabled, and its messages can be replayed', async () => {
    const { webhook } = await make();
    receiver.answer = () => 500;
    await run();
    await untilEnded({ state: 'pending', attemptCount: 1 });
    const place = { webhookId: webhook.id };
    await assembly.services.updateWebhook(caller, { ...place, changes: { enabled: false } });
    await untilEnded({ state: 'failed', attempts: [{}, { error: 'the webhook is disabled' }] as never }, 10_000);
    await run();
    await assembly.services.updateWebhook(caller, { ...place, changes: { enabled: true } });
    receiver.answer = () => 204;
    const times = { since: null, until: null };
    expect(await assembly.services.replayDeliveries(caller, { ...place, state: 'failed', ...times })).toBe(1);
    await untilEnded({ state: 'delivered' });
  });

  it('is disabled by 410, and gives up what was pending', async () => {
    const { webhook } = await make();
    receiver.answer = () => 410;
    await run();
    await untilEnded({ state: 'failed', attemptCount: 1 });
    expect(await assembly.services.getWebhook(caller, { webhookId: webhook.id })).toMatchObject({
      enabled: false,
      disabledBecause: 'the receiver answered 410 (Gone)',
    });
    await run();
    await clock.advance(60_000);
    expect(receiver.received).toHaveLength(1);
  });

  it('is signed with the old secret too for as long as it is kept', async () => {
    const { webhook, secret } = await make();
    const webhookId = webhook.id;
    const rotated = await assembly.services.rotateWebhookSecret(caller, { webhookId, keepOldForMs: 60_000 });
    await assembly.services.testWebhook(caller, { webhookId });
    await untilEnded({ state: 'delivered', event: 'webhook.test' });
    const verify = (by: string) => {
      const { body, headers } = receiver.received.at(-1)!;
      return new Verifier(by).verify(body, headers as Record<string, string>);
    };
    expect(verify(secret)).toEqual(verify(rotated.secret));
    await clock.advance(61_000);
    await assembly.services.testWebhook(caller, { webhookId });
    await until(async () => expect(receiver.received).toHaveLength(2));
    expect(() => verify(rotated.secret)).not.toThrow('No matching');
    expect(() => verify(secret)).toThrow('No matching');
  });
});

describe('a receiver', () => {
  it('that is down delays no other', async () => {
    const [down, other] = [receiver, await startWebhookReceiver()];
    down.answer = () => 'hang';
    await make();
    await make({ url: `${other.url}/other`, events: ['run.completed'] });
    for (let index = 0; index < 20; index += 1) await run(String(index));
    await vi.waitFor(() => expect(other.received).toHaveLength(20), { timeout: 10_000 });
    // All that hang at the same time; no other is begun before they have come to nothing.
    expect(down.received.length).toBeLessThanOrEqual(4);
    await other.close();
  });

  it('that says when to come back is asked no sooner', async () => {
    await make();
    receiver.answer = () => ({ status: 503, headers: { 'retry-after': '7200' } });
    await run();
    await untilEnded({ state: 'pending', attemptCount: 1 });
    const [delivery] = await list();
    expect((delivery?.dueAt ?? 0) - clock.now()).toBeGreaterThan(7_100_000);
    await clock.advance(3_600_000);
    expect(receiver.received).toHaveLength(1);
    receiver.answer = () => 204;
    await clock.advance(3_600_000);
    await untilEnded({ state: 'delivered', attemptCount: 2 });
  });

  it.each([
    [{ status: 302, headers: { location: 'http://127.0.0.1:1/' } }, 'it redirects (302), which is not followed'],
    [404, 'it answers 404'],
  ] as const)('that answers %j has not taken the message', async (answer, error) => {
    await make();
    receiver.answer = () => answer;
    await run();
    await until(async () => {
      const [delivery] = await list();
      expect(delivery).toMatchObject({ state: 'pending', attemptCount: 1 });
      expect(delivery?.attempts[0]?.error).toContain(error);
    });
    expect(receiver.received).toHaveLength(1);
  });

  it('at a private address is never asked, unless the operator allows it', async () => {
    await assembly.close({ graceMs: 0 });
    await open('');
    await make();
    await run();
    await until(async () => {
      const [delivery] = await list();
      expect(delivery?.attempts[0]?.error).toContain('this request may go to public ones only');
    });
    expect(receiver.received).toHaveLength(0);
  });

  it('that never takes a message is told so for three days, and then no more', async () => {
    await make();
    receiver.answer = () => 500;
    await run();
    await untilEnded({ state: 'pending', attemptCount: 1 });
    await untilEnded({ state: 'failed', dueAt: null }, 3_600_000);
    const [delivery] = await list();
    expect(delivery?.attemptCount).toBeGreaterThan(8);
    const count = receiver.received.length;
    await pass(86_400_000);
    expect(receiver.received).toHaveLength(count);
    await assembly.services.replayDelivery(caller, { deliveryId: delivery?.id ?? '' });
    receiver.answer = () => 204;
    await untilEnded({ state: 'delivered' });
  });
});

describe('a callback', () => {
  it('is told of its run alone, and signed with the secret for callbacks', async () => {
    const callback = { url: `${receiver.url}/mine`, events: DEFAULT_WEBHOOK_EVENTS };
    const { run: started } = await assembly.services.runWorkflow(caller, { workflowId: 'quick', input: {}, callback });
    await run();
    await untilEnded({ state: 'delivered', runId: started.id });
    const { secret } = await assembly.services.getCallbackSecret(caller, {});
    const [got, ...others] = receiver.received;
    expect(others).toEqual([]);
    expect(got?.path).toBe('/mine');
    expect(new Verifier(secret).verify(got?.body ?? '', got?.headers as Record<string, string>)).toMatchObject({
      type: 'run.completed',
    });
    expect(await assembly.services.listWebhooks(caller, {})).toEqual([]);
  });

  it.each(['ftp://example.com/', 'nothing', 'https://user:pw@example.com/'])('%s is refused', async (url) => {
    const callback = { url, events: DEFAULT_WEBHOOK_EVENTS };
    const started = assembly.services.runWorkflow(caller, { workflowId: 'quick', input: {}, callback });
    await expect(started).rejects.toMatchObject({ code: 'invalid_input', problems: [{ path: '/callback' }] });
  });
});

it('what was not delivered when the server ended is delivered by the next one', async () => {
  await make();
  receiver.answer = () => 'hang';
  await run();
  await vi.waitFor(() => expect(receiver.received).toHaveLength(1), { timeout: 5_000 });
  await assembly.close({ graceMs: 0 });
  receiver.answer = () => 204;
  await open();
  await untilEnded({ state: 'delivered', attemptCount: 1 });
  expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
});
