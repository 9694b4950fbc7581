import { listWebhooks } from '../../../api/endpoints/webhooks.js';
import type { ApiWebhook } from '../../../api/webhook-types.js';
import { type CliCommand, optional } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { organizationOption } from '../organizations/organization-option.js';

export const webhooksListCommand: CliCommand = {
  name: 'webhooks list',
  summary: 'List what tells others of runs',
  options: [organizationOption],
  examples: ['errand webhooks'],
  async run(context, given) {
    const query = optional('organization', given.text('organization'));
    const answer = await context.client().call(listWebhooks, { query });
    context.printList<ApiWebhook>(answer, {
      columns: [
        { header: 'ID', value: ({ id }) => id },
        { header: 'NAME', value: ({ name }) => name, min: 8 },
        { header: 'URL', value: ({ url }) => url, min: 12 },
        { header: 'WORKFLOW', value: ({ workflow_id }) => workflow_id ?? 'all', optional: true },
        { header: 'EVENTS', value: ({ events }) => events.join(' '), optional: true },
        {
          header: 'STATE',
          value: ({ enabled, disabled_because }) => (enabled ? 'enabled' : (disabled_because ?? 'disabled')),
          colour: ({ disabled_because }) => (disabled_because === null ? null : 'red'),
        },
      ],
      rows: answer.webhooks,
      none: 'There are no webhooks. Make one: errand webhooks create https://example.com/errand',
    });
    return EXIT.ok;
  },
};
