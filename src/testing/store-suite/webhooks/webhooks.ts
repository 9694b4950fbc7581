import { describe, expect, it } from 'vitest';
import { FIRST_EPOCH } from '../../../core/ports/store/run-store.js';
import type { Delivery, ListedDelivery } from '../../../core/webhooks/delivery.js';
import type { Webhook } from '../../../core/webhooks/webhook.js';
import { AT, insertOrganization, insertRun, makeCommit, makeEvents, newId, rejection } from '../fixtures.js';
import { type MakeStore, useStore } from '../use-store.js';

export function makeWebhook(values: Partial<Webhook> & Pick<Webhook, 'organizationId'>): Webhook {
  return {
    id: newId(),
    kind: 'webhook',
    name: 'Shop \u0000',
    url: 'https://shop.example.com/errand',
    events: ['run.completed', 'run.failed'],
    workflowId: null,
    enabled: true,
    disabledBecause: null,
    secrets: [{ sealed: { nonce: 'n', ciphertext: 'c' }, createdAt: AT, expiresAt: null }],
    createdAt: AT,
    updatedAt: AT,
    ...values,
  };
}

function makeDelivery(values: Partial<Delivery> & Pick<Delivery, 'organizationId'>): Delivery {
  const endpoint = values.endpoint ?? newId();
  return {
    id: newId(),
    webhookId: endpoint,
    endpoint,
    url: 'https://shop.example.com/errand',
    runId: newId(),
    seq: 3,
    event: 'run.completed',
    state: 'pending',
    dueAt: AT,
    givesUpAt: AT + 1_000_000,
    attemptCount: 0,
    attempts: [],
    createdAt: AT,
    endedAt: null,
    payload: '{"type":"run.completed","data":"\\u0000"}',
    ...values,
  };
}

function listed({ payload: _payload, ...rest }: Delivery): ListedDelivery {
  return rest;
}

export function describeWebhooks(makeStore: MakeStore): void {
  describe('webhooks', () => {
    const store = useStore(makeStore);

    it('keep every field, and are shown to their organization alone', async () => {
      const organizationId = await insertOrganization(store());
      const webhook = makeWebhook({ organizationId });
      await store().webhooks.insert(webhook);
      const { id } = webhook;
      expect(await store().webhooks.get({ organizationId, id })).toEqual(webhook);
      expect(await store().webhooks.get({ organizationId: newId(), id })).toBeNull();
      expect(await store().webhooks.list({ organizationId })).toEqual([webhook]);
      expect(await store().webhooks.list({ organizationId: newId() })).toEqual([]);
      expect(await store().webhooks.listAll()).toContainEqual(webhook);
      expect((await rejection(store().webhooks.insert(webhook))).code).toBe('conflict');
      const missing = store().webhooks.insert(makeWebhook({ organizationId: newId() }));
      expect((await rejection(missing)).code).toBe('not_found');
    });

    it('are changed and deleted for their organization alone', async () => {
      const organizationId = await insertOrganization(store());
      const webhook = makeWebhook({ organizationId });
      await store().webhooks.insert(webhook);
      const changed = { ...webhook, enabled: false, disabledBecause: 'gone', updatedAt: AT + 1, secrets: [] };
      expect(await store().webhooks.update({ ...changed, organizationId: newId() })).toBe(false);
      expect(await store().webhooks.update(changed)).toBe(true);
      const place = { organizationId, id: webhook.id };
      expect(await store().webhooks.get(place)).toEqual(changed);
      expect(await store().webhooks.delete({ ...place, organizationId: newId() })).toBe(false);
      expect(await store().webhooks.delete(place)).toBe(true);
      expect(await store().webhooks.get(place)).toBeNull();
    });
  });
}

export function describeDeliveries(makeStore: MakeStore): void {
  describe('deliveries', () => {
    const store = useStore(makeStore);
    const insert = async (values: Partial<Delivery> = {}): Promise<Delivery> => {
      const organizationId = values.organizationId ?? (await insertOrganization(store()));
      const delivery = makeDelivery({ ...values, organizationId });
      await store().deliveries.insert(delivery);
      return delivery;
    };
    const claim = (endpoint: string, limit = 10) =>
      store().deliveries.claim({ endpoint, at: AT, limit, until: AT + 60_000 });

    it('are written in the commit of the run that they tell of, and not with one that is superseded', async () => {
      const before = await insertRun(store(), { organizationId: await insertOrganization(store()) });
      const run = { ...before, version: before.version + 1 };
      const deliveries = [makeDelivery({ organizationId: run.organizationId, runId: run.id })];
      const commit = { ...makeCommit({ run, events: makeEvents(before.version, run.version) }), deliveries };
      const { organizationId } = run;
      const list = () => store().deliveries.list({ organizationId, limit: 10 });
      expect(await store().runs.commit({ ...commit, epoch: FIRST_EPOCH - 1 })).toBe('superseded');
      expect(await list()).toEqual([]);
      expect(await store().runs.commit(commit)).toBe('kept');
      expect(await list()).toEqual(deliveries.map(listed));
      expect(await store().runs.commit(commit)).toBe('repeated');
      expect(await list()).toHaveLength(1);
    });

    it('are listed newest first, of one webhook and in one state where asked, page by page', async () => {
      const first = await insert();
      const { organizationId } = first;
      const second = await insert({ organizationId, state: 'delivered', dueAt: null, endedAt: AT });
      const third = await insert({ organizationId, endpoint: first.endpoint });
      const list = (params: object) => store().deliveries.list({ organizationId, limit: 10, ...params });
      expect(await list({})).toEqual([third, second, first].map(listed));
      expect(await list({ limit: 1 })).toEqual([listed(third)]);
      expect(await list({ beforeId: third.id })).toEqual([second, first].map(listed));
      expect(await list({ state: 'delivered' })).toEqual([listed(second)]);
      expect(await list({ webhookId: first.webhookId, beforeId: third.id })).toEqual([listed(first)]);
      expect(await list({ organizationId: newId() })).toEqual([]);
      expect(await store().deliveries.get({ organizationId, id: second.id })).toEqual(second);
      expect(await store().deliveries.get({ organizationId: newId(), id: second.id })).toBeNull();
    });

    it('tell which endpoints wait for something, and since when', async () => {
      const first = await insert({ dueAt: AT + 5 });
      await insert({ endpoint: first.endpoint, dueAt: AT + 3 });
      const other = await insert();
      const ended = await insert({ state: 'failed', dueAt: null, endedAt: AT });
      const endpoints = await store().deliveries.listEndpoints();
      expect(endpoints).toContainEqual({ endpoint: first.endpoint, dueAt: AT + 3 });
      expect(endpoints).toContainEqual({ endpoint: other.endpoint, dueAt: AT });
      expect(endpoints.map(({ endpoint }) => endpoint)).not.toContain(ended.endpoint);
    });

    it('are taken once, those that are due, in the order of their run', async () => {
      const first = await insert({ seq: 3 });
      const { endpoint, runId, organizationId } = first;
      const second = await insert({ organizationId, endpoint, runId, seq: 5 });
      const other = await insert({ organizationId, endpoint });
      await insert({ organizationId, endpoint, dueAt: AT + 1 });
      const taken = await claim(endpoint);
      expect(taken.map(({ id }) => id)).toEqual([first.id, other.id]);
      expect(taken[0]).toEqual({ ...first, dueAt: AT + 60_000 });
      expect(await claim(endpoint)).toEqual([]);
      const attempt = { at: AT, durationMs: 5, status: 204, error: null, answer: 'ok' };
      const { id } = first;
      const end = { state: 'delivered', dueAt: null, attemptCount: 1, attempts: [attempt], endedAt: AT + 5 } as const;
      await store().deliveries.settle({ organizationId, id, ...end });
      expect(await store().deliveries.get({ organizationId, id })).toEqual({ ...first, ...end });
      expect((await claim(endpoint)).map((delivery) => delivery.id)).toEqual([second.id]);
    });

    it('are replayed once they have ended, singly and many', async () => {
      const ended = { state: 'failed', dueAt: null, endedAt: AT } as const;
      const first = await insert(ended);
      const { organizationId, webhookId, endpoint, id } = first;
      const again = { dueAt: AT + 7, givesUpAt: AT + 9 };
      expect(await store().deliveries.replay({ organizationId: newId(), id, ...again })).toBe(false);
      expect(await store().deliveries.replay({ organizationId, id, ...again })).toBe(true);
      expect(await store().deliveries.get({ organizationId, id })).toEqual({
        ...first,
        ...again,
        state: 'pending',
        endedAt: null,
      });
      expect(await store().deliveries.replay({ organizationId, id, ...again })).toBe(false);
      const second = await insert({ ...ended, organizationId, endpoint, createdAt: AT + 10 });
      await insert({ ...ended, organizationId, endpoint, createdAt: AT + 20 });
      await insert({ ...ended, organizationId, endpoint, createdAt: AT + 10, state: 'delivered' });
      const many = {
        organizationId,
        webhookId,
        state: 'failed',
        since: AT,
        until: AT + 20,
        ...again,
        afterId: null,
        limit: 9,
      } as const;
      const third = await insert({ ...ended, organizationId, endpoint, createdAt: AT + 10 });
      expect(await store().deliveries.replayMany({ ...many, limit: 1 })).toEqual([second.id]);
      expect(await store().deliveries.get({ organizationId, id: second.id })).toMatchObject({ state: 'pending' });
      expect(await store().deliveries.replayMany({ ...many, afterId: third.id })).toEqual([]);
      expect(await store().deliveries.replayMany({ ...many, afterId: second.id })).toEqual([third.id]);
    });

    it('are given up, all of a webhook or those of one run', async () => {
      const first = await insert();
      const { organizationId, endpoint, webhookId, runId } = first;
      const second = await insert({ organizationId, endpoint });
      const stateOf = async ({ id }: Delivery) => (await store().deliveries.get({ organizationId, id }))?.state;
      expect(await store().deliveries.giveUp({ organizationId, webhookId, runId: runId ?? '', at: AT, limit: 1 })).toBe(
        true,
      );
      expect([await stateOf(first), await stateOf(second)]).toEqual(['failed', 'pending']);
      expect(await store().deliveries.giveUp({ organizationId, webhookId, at: AT, limit: 2 })).toBe(false);
      expect(await stateOf(second)).toBe('failed');
    });

    it('are removed some time after their end', async () => {
      const { organizationId, id } = await insert({ state: 'delivered', dueAt: null, endedAt: AT - 50_000 });
      const kept = await insert({ organizationId, state: 'delivered', dueAt: null, endedAt: AT });
      const waiting = await insert({ organizationId });
      while (await store().deliveries.purge({ before: AT, limit: 1 })) continue;
      expect(await store().deliveries.get({ organizationId, id })).toBeNull();
      expect(await store().deliveries.list({ organizationId, limit: 9 })).toEqual([waiting, kept].map(listed));
    });
  });
}
