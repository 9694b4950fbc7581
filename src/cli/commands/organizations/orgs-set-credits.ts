import type { CliCommand } from '../../command/command.js';
import { wholeNumber } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { balanceLines } from './credits.js';

export const orgsSetCreditsCommand: CliCommand = {
  name: 'orgs set-credits',
  summary: "Set an organization's credits a month",
  details: 'Needs a key with the scope operate. Holds from this month on; what is used or reserved stays so.',
  arguments: [
    { name: '<slug>', description: 'the organization' },
    { name: '<credits>', description: 'its credits a month' },
  ],
  examples: ['errand orgs set-credits acme 5000'],
  async run(context, given) {
    const monthly = wholeNumber(given.argument(1), '<credits>', { min: 0 });
    const credits = await context.client().setCredits(given.argument(0), monthly);
    if (context.json) context.printJson(credits);
    else context.printLines(balanceLines(context, credits));
    return EXIT.ok;
  },
};
