import { topUpCredits } from '../../../api/endpoints/organizations.js';
import type { CliCommand } from '../../command/command.js';
import { wholeNumber } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { UsageError } from '../../terminal/usage-error.js';
import { balanceLines } from './credits.js';

export const orgsTopUpCommand: CliCommand = {
  name: 'orgs top-up',
  summary: 'Give an organization credits beyond those of a month',
  details:
    'Needs a key with the scope operate. They pay for what is used beyond the credits a month, in this month or a later one. ' +
    'The same call with the same idempotency key gives them once.',
  arguments: [
    { name: '<slug>', description: 'the organization' },
    { name: '<credits>', description: 'how many' },
  ],
  options: [
    { flags: '--reason <text>', description: 'why, for the ledger and the audit trail' },
    { flags: '--idempotency-key <key>', description: 'an invoice number, say' },
  ],
  examples: ['errand orgs top-up acme 5000 --reason "Invoice 2026-118" --idempotency-key invoice-2026-118'],
  async run(context, given) {
    const credits = wholeNumber(given.argument(1), '<credits>', { min: 1 });
    const reason = given.text('reason');
    if (reason === undefined) throw new UsageError('Say why: --reason TEXT');
    const idempotencyKey = given.text('idempotencyKey');
    const answer = await context.client().call(topUpCredits, {
      path: { slug: given.argument(0) },
      body: { credits, reason, ...(idempotencyKey === undefined ? {} : { idempotency_key: idempotencyKey }) },
    });
    if (context.json) context.printJson(answer);
    else context.printLines(balanceLines(context, answer.balance));
    return EXIT.ok;
  },
};
