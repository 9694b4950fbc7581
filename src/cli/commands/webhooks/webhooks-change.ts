import { deleteWebhook, rotateWebhookSecret, testWebhook, updateWebhook } from '../../../api/endpoints/webhooks.js';
import type { CliContext } from '../../command/cli-context.js';
import { type CliCommand, type GivenOptions, optional } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { UsageError } from '../../terminal/usage-error.js';
import { organizationOption } from '../organizations/organization-option.js';

const ID = [{ name: '<id>', description: "the webhook's id, as `errand webhooks` lists it" }];
const EXAMPLE_ID = '0190b0c2-7f3a-7abc-8def-0123456789ab';

const organizationOf = (given: GivenOptions) => optional('organization', given.text('organization'));

export const webhooksDisableCommand: CliCommand = {
  name: 'webhooks disable',
  summary: 'Send nothing until it is enabled again',
  arguments: ID,
  options: [organizationOption],
  examples: [`errand webhooks disable ${EXAMPLE_ID}`],
  run: (context, given) => enable(context, given, false),
};

export const webhooksEnableCommand: CliCommand = {
  name: 'webhooks enable',
  summary: 'Send again; what came meanwhile was not written down',
  arguments: ID,
  options: [organizationOption],
  examples: [`errand webhooks enable ${EXAMPLE_ID}`],
  run: (context, given) => enable(context, given, true),
};

export const webhooksDeleteCommand: CliCommand = {
  name: 'webhooks delete',
  summary: 'Delete a webhook, and give up what it has not delivered',
  arguments: ID,
  options: [organizationOption],
  examples: [`errand webhooks delete ${EXAMPLE_ID}`],
  async run(context, given) {
    const id = given.argument(0);
    await context.client().call(deleteWebhook, { path: { id }, query: organizationOf(given) });
    if (context.json) context.printJson({ id, deleted: true });
    else context.print(`Deleted the webhook ${id}.`);
    return EXIT.ok;
  },
};

export const webhooksRotateCommand: CliCommand = {
  name: 'webhooks rotate',
  summary: 'Sign with a new secret, and for a day with the old one too; prints the new one, once',
  arguments: ID,
  options: [
    { flags: '--keep-old <seconds>', description: 'how long the old one is signed with too (default: 86400)' },
    organizationOption,
  ],
  examples: [`errand webhooks rotate ${EXAMPLE_ID} --keep-old 3600`],
  async run(context, given) {
    const seconds = given.text('keepOld');
    if (seconds !== undefined && !/^\d+$/.test(seconds))
      throw new UsageError(`--keep-old '${seconds}' is no number of seconds.`);
    const webhook = await context.client().call(rotateWebhookSecret, {
      path: { id: given.argument(0) },
      body: {
        ...optional('keep_old_for_seconds', seconds === undefined ? undefined : Number(seconds)),
        ...organizationOf(given),
      },
    });
    if (context.json) context.printJson(webhook);
    else context.print(webhook.secret);
    return EXIT.ok;
  },
};

export const webhooksTestCommand: CliCommand = {
  name: 'webhooks test',
  summary: 'Have a message "webhook.test" delivered',
  arguments: ID,
  options: [organizationOption],
  examples: [`errand webhooks test ${EXAMPLE_ID}`],
  async run(context, given) {
    const path = { id: given.argument(0) };
    const delivery = await context.client().call(testWebhook, { path, body: organizationOf(given) });
    if (context.json) context.printJson(delivery);
    else context.print(`The delivery is ${delivery.id}: errand webhooks deliveries --webhook ${path.id}`);
    return EXIT.ok;
  },
};

async function enable(context: CliContext, given: GivenOptions, enabled: boolean): Promise<number> {
  const body = { enabled, ...organizationOf(given) };
  const webhook = await context.client().call(updateWebhook, { path: { id: given.argument(0) }, body });
  if (context.json) context.printJson(webhook);
  else context.print(`The webhook ${webhook.name} is ${enabled ? 'enabled' : 'disabled'}.`);
  return EXIT.ok;
}
