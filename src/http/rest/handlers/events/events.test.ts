import { describe, expect, it } from 'vitest';
import { KEY_A, KEY_B, post } from '../../../../../test/support/http/http-fixture.js';
import { api, get, json, setUp } from '../../../../../test/support/http/rest-under-test.js';
import type { ApiListedEvent, ApiSentEvent } from '../../../../api/sent-event-types.js';

setUp();

const send = async (name: string, key: string): Promise<ApiSentEvent> =>
  (await json(post(`${api}/events`, { name, key, data: { of: key } }))) as ApiSentEvent;
const list = async (query = '', apiKey?: string): Promise<readonly ApiListedEvent[]> =>
  ((await json(get(`/events${query}`, apiKey))) as { readonly events: readonly ApiListedEvent[] }).events;

describe('the REST API, events that were sent', () => {
  it('lists them newest first, page by page and by name, without their data', async () => {
    const { waiting: _, ...first } = await send('order.paid', '1');
    const { id: second } = await send('order.sent', '2');
    const { id: third } = await send('order.paid', '3');
    const listed = await list();
    expect(listed.map(({ id }) => id)).toEqual([third, second, first.id]);
    expect(listed[2]).toEqual({ ...first, taken: 0 });
    expect((await list('?limit=1')).map(({ id }) => id)).toEqual([third]);
    expect((await list(`?limit=1&before=${third}`)).map(({ id }) => id)).toEqual([second]);
    expect((await list('?name=order.paid')).map(({ id }) => id)).toEqual([third, first.id]);
    expect(await list('?name=order')).toEqual([]);
    expect((await get('/events?before=1')).status).toBe(400);
  });

  it('shows one with its data', async () => {
    const { waiting: _, ...sent } = await send('order.paid', '1');
    expect(await json(get(`/events/${sent.id}`))).toEqual({ ...sent, taken: 0, data: { of: '1' } });
    expect((await get('/events/nope')).status).toBe(404);
  });

  it('tells another organization nothing of them', async () => {
    const { id } = await send('order.paid', '1');
    expect(await list('', KEY_B)).toEqual([]);
    expect((await get(`/events/${id}`, KEY_B)).status).toBe(404);
    expect((await get(`/events/${id}`, KEY_A)).status).toBe(200);
  });
});
