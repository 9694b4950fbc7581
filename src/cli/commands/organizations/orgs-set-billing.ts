import { updateOrganization } from '../../../api/endpoints/organizations.js';
import { MAX_BILLING_DAY } from '../../../core/run/credits.js';
import type { CliCommand } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { UsageError } from '../../terminal/usage-error.js';

export const orgsSetBillingCommand: CliCommand = {
  name: 'orgs set-billing',
  summary: "Set the day on which an organization's credits are counted anew",
  details:
    'Needs a key with the scope operate. The cycle that runs ends on the next of these days; when that day has passed since it began, a new one begins at once. ' +
    "--default goes back to what the server's settings say.",
  arguments: [{ name: '<slug>', description: 'the organization' }],
  options: [
    {
      flags: '--day <number>',
      description: 'the day of the month, 1 to 31, at midnight UTC; in a shorter month, its last day',
    },
    { flags: '--default', description: "as the server's settings say" },
  ],
  examples: ['errand orgs set-billing acme --day 15'],
  async run(context, given) {
    const day = given.number('day', { min: 1, max: MAX_BILLING_DAY }) ?? null;
    if (given.flag('default') === (day !== null)) throw new UsageError('Give --day, or --default alone.');
    const organization = await context.client().call(updateOrganization, {
      path: { slug: given.argument(0) },
      body: { billing_day: day },
    });
    if (context.json) context.printJson(organization);
    else {
      const { slug, billing_day: set } = organization;
      const told = set === null ? "as the server's settings say" : `on day ${set} of the month`;
      context.print(`${slug}: billing cycles begin ${told}.`);
    }
    return EXIT.ok;
  },
};
