import { createWebhook } from '../../../api/endpoints/webhooks.js';
import { WEBHOOK_EVENTS } from '../../../core/webhooks/webhook.js';
import { type CliCommand, optional } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { UsageError } from '../../terminal/usage-error.js';
import { organizationOption } from '../organizations/organization-option.js';

export const webhooksCreateCommand: CliCommand = {
  name: 'webhooks create',
  summary: 'Have others told of runs; prints the secret that messages are signed with, once',
  arguments: [{ name: '<url>', description: 'where messages go' }],
  options: [
    { flags: '--name <name>', description: 'what people call it (default: the host)' },
    { flags: '--events <events>', description: `with commas between them: ${WEBHOOK_EVENTS.join(', ')}` },
    { flags: '--workflow <id>', description: 'only of runs of this workflow' },
    organizationOption,
  ],
  examples: [
    'errand webhooks create https://shop.example.com/errand',
    'errand webhooks create https://shop.example.com/errand --events run.failed,run.waiting --workflow site_checkup',
  ],
  async run(context, given) {
    const webhook = await context.client().call(createWebhook, {
      body: {
        url: given.argument(0),
        ...optional('name', given.text('name')),
        ...optional('events', readEvents(given.text('events'))),
        ...optional('workflow_id', given.text('workflow')),
        ...optional('organization', given.text('organization')),
      },
    });
    if (context.json) context.printJson(webhook);
    else {
      context.note(`Made the webhook ${webhook.id}. The secret is not shown again:`);
      context.print(webhook.secret);
    }
    return EXIT.ok;
  },
};

function readEvents(text: string | undefined) {
  if (text === undefined) return undefined;
  return text.split(',').map((name) => {
    const event = WEBHOOK_EVENTS.find((each) => each === name.trim());
    if (event !== undefined) return event;
    throw new UsageError(`--events: there is no event '${name.trim()}'; there are ${WEBHOOK_EVENTS.join(', ')}.`);
  });
}
