import { getSentEvent, listSentEvents } from '../../../api/endpoints/hooks.js';
import type { ApiListedEvent } from '../../../api/sent-event-types.js';
import { type CliCommand, optional } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { renderPairs } from '../../terminal/table.js';
import { oneLine, safeText } from '../../terminal/text-width.js';
import { organizationOption } from '../organizations/organization-option.js';

export const eventsListCommand: CliCommand = {
  name: 'events list',
  summary: 'List the events that were sent and are kept, newest first',
  options: [
    { flags: '--name <name>', description: 'of this name' },
    { flags: '--before <id>', description: 'older than this event' },
    organizationOption,
  ],
  examples: ['errand events', 'errand events list --name order.paid'],
  async run(context, given) {
    const query = {
      ...optional('name', given.text('name')),
      ...optional('before', given.text('before')),
      ...optional('organization', given.text('organization')),
      limit: 100,
    };
    const answer = await context.client().call(listSentEvents, { query });
    context.printList<ApiListedEvent>(answer, {
      columns: [
        { header: 'ID', value: ({ id }) => id },
        { header: 'NAME', value: ({ name }) => name, min: 8 },
        { header: 'KEY', value: ({ key }) => (key === '' ? '-' : key), min: 8 },
        { header: 'TAKEN', value: ({ taken }) => String(taken) },
        { header: 'SENT', value: ({ sent_at: at }) => context.time(at) },
        { header: 'UNTIL', value: ({ expires_at: at }) => context.time(at), optional: true },
      ],
      rows: answer.events,
      none: 'No event is kept. Send one: errand send <event>',
    });
    return EXIT.ok;
  },
};

export const eventsShowCommand: CliCommand = {
  name: 'events show',
  summary: 'Show one event that is kept, with its data',
  arguments: [{ name: '<id>', description: "the event's id" }],
  options: [organizationOption],
  examples: ['errand events show 0190b0c2-7f3a-7abc-8def-0123456789ab'],
  async run(context, given) {
    const query = optional('organization', given.text('organization'));
    const event = await context.client().call(getSentEvent, { path: { id: given.argument(0) }, query });
    if (context.json) {
      context.printJson(event);
      return EXIT.ok;
    }
    const { style } = context;
    context.printLines([
      style('bold', oneLine(event.name)),
      ...renderPairs(
        [
          ['Id', event.id],
          ['Key', event.key === '' ? '-' : oneLine(event.key)],
          ['Sent', context.time(event.sent_at)],
          ['Taken until', context.time(event.expires_at)],
          ['Taken by', event.taken === 1 ? '1 run' : `${event.taken} runs`],
        ],
        style,
      ),
      '',
      style('bold', 'Data'),
      ...safeText(JSON.stringify(event.data, null, 2)).split('\n'),
    ]);
    return EXIT.ok;
  },
};
