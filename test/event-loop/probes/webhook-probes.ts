import { setTimeout } from 'node:timers/promises';
import type { WebhookReceiver } from '../../support/http/webhook-receiver.js';
import type { MeasuredServer } from '../measured-server.js';
import { IS_WHOLE, type ProbeGroup } from './probe-groups.js';

/** Of the workflow `tells`: each run gives so many nodes' outputs, each nearly as long as one that is sent. */
const NODES = 20;
const RUNS = IS_WHOLE ? 20 : 8;

/**
 * Long messages that a receiver wants no more: all that wait for it are given up, listed, sent again together, and given
 * up with the webhook.
 */
export function webhookGroup(receiver: WebhookReceiver): ProbeGroup {
  const send = async (server: MeasuredServer): Promise<void> => {
    receiver.answer = () => 503;
    const settings = { url: receiver.url, events: ['node.completed'], workflow_id: 'tells' };
    const { id } = (await server.json('POST', '/webhooks', settings)) as { readonly id: string };
    const path = `/webhooks/${id}`;
    for (let run = 0; run < RUNS; run++) await server.json('POST', '/runs', { workflow_id: 'tells', wait_seconds: 25 });
    receiver.answer = () => 410;
    const pending = `/webhook-deliveries?state=pending&limit=1&webhook_id=${id}`;
    const isOver = async (): Promise<boolean> => ((await server.json('GET', pending))['deliveries'] as []).length === 0;
    while (!(await isOver())) await setTimeout(50);
    await server.json('GET', `/webhook-deliveries?limit=100&webhook_id=${id}`);
    const { replayed } = await server.json('POST', `${path}/replay`, {});
    if (replayed !== RUNS * NODES) throw new Error(`${JSON.stringify(replayed)} messages are sent again`);
    await server.send({ method: 'DELETE', path: `/api/v1${path}` });
  };
  return { name: 'a webhook', probes: [{ name: `${RUNS * NODES} messages`, send }] };
}
