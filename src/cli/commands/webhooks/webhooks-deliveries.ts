import { listDeliveries, replayDeliveries, replayDelivery } from '../../../api/endpoints/webhooks.js';
import type { ApiDelivery } from '../../../api/webhook-types.js';
import { DELIVERY_STATES } from '../../../core/webhooks/delivery.js';
import { type CliCommand, optional } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { UsageError } from '../../terminal/usage-error.js';
import { organizationOption } from '../organizations/organization-option.js';

export const webhooksDeliveriesCommand: CliCommand = {
  name: 'webhooks deliveries',
  summary: 'List what was and is to be delivered, newest first',
  options: [
    { flags: '--webhook <id>', description: 'of this webhook' },
    { flags: '--state <state>', description: 'in this state', choices: DELIVERY_STATES },
    { flags: '--before <id>', description: 'older than this delivery' },
    organizationOption,
  ],
  examples: ['errand webhooks deliveries --state failed'],
  async run(context, given) {
    const query = {
      ...optional('webhook_id', given.text('webhook')),
      ...optional(
        'state',
        DELIVERY_STATES.find((state) => state === given.text('state')),
      ),
      ...optional('before', given.text('before')),
      ...optional('organization', given.text('organization')),
      limit: 100,
    };
    const answer = await context.client().call(listDeliveries, { query });
    context.printList<ApiDelivery>(answer, {
      columns: [
        { header: 'ID', value: ({ id }) => id },
        { header: 'EVENT', value: ({ event }) => event },
        { header: 'RUN', value: ({ run_id }) => run_id ?? '-', optional: true },
        {
          header: 'STATE',
          value: ({ state }) => state,
          colour: ({ state }) => (state === 'failed' ? 'red' : state === 'delivered' ? 'green' : null),
        },
        { header: 'TRIES', value: ({ attempt_count }) => String(attempt_count) },
        { header: 'NEXT', value: ({ next_attempt_at }) => context.time(next_attempt_at), optional: true },
        {
          header: 'LATEST',
          value: ({ attempts }) => attempts.at(-1)?.error ?? String(attempts.at(-1)?.status ?? '-'),
          min: 8,
        },
      ],
      rows: answer.deliveries,
      none: 'There are no deliveries.',
    });
    return EXIT.ok;
  },
};

export const webhooksReplayCommand: CliCommand = {
  name: 'webhooks replay',
  summary: 'Deliver one message again, or all of a webhook that were given up',
  arguments: [{ name: '[delivery]', description: "the delivery's id; without it, --webhook" }],
  options: [{ flags: '--webhook <id>', description: 'all of this webhook that were given up' }, organizationOption],
  examples: [
    'errand webhooks replay 0190b0c2-7f3a-7abc-8def-0123456789ab',
    'errand webhooks replay --webhook 0190b0c2-7f3a-7abc-8def-0123456789ab',
  ],
  async run(context, given) {
    const [id, webhook] = [given.argument(0), given.text('webhook')];
    if ((id === '') === (webhook === undefined))
      throw new UsageError('Name a delivery by its id, or a webhook: --webhook <id>.');
    const body = optional('organization', given.text('organization'));
    const client = context.client();
    if (webhook === undefined) {
      const delivery = await client.call(replayDelivery, { path: { id }, body });
      if (context.json) context.printJson(delivery);
      else context.print(`The delivery ${id} is tried again.`);
      return EXIT.ok;
    }
    const answer = await client.call(replayDeliveries, { path: { id: webhook }, body });
    if (context.json) context.printJson(answer);
    else context.print(`${answer.replayed} deliveries are tried again.`);
    return EXIT.ok;
  },
};
