import { getCredits, listCreditMovements } from '../../../api/endpoints/organizations.js';
import type { ApiCreditMovement, ApiCredits } from '../../../api/credit-types.js';
import type { CliContext } from '../../command/cli-context.js';
import type { CliCommand } from '../../command/command.js';
import { optional } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { alignRight, renderPairs } from '../../terminal/table.js';
import { organizationOption } from './organization-option.js';

export const creditsCommand: CliCommand = {
  name: 'credits',
  summary: 'Show the balance of credits, or what moved it',
  options: [
    organizationOption,
    { flags: '--movements', description: 'list what was reserved and used, newest first' },
    { flags: '--limit <number>', description: 'with --movements: at most this many, 1 to 100 (default: 20)' },
    { flags: '--offset <number>', description: 'with --movements: leave out this many of the newest' },
  ],
  examples: ['errand credits', 'errand credits --movements --limit 50', 'errand credits --json | jq .available'],
  async run(context, given) {
    const organization = optional('organization', given.text('organization'));
    if (!given.flag('movements')) {
      const credits = await context.client().call(getCredits, { query: organization });
      if (context.json) context.printJson(credits);
      else context.printLines(balanceLines(context, credits));
      return EXIT.ok;
    }
    const answer = await context.client().call(listCreditMovements, {
      query: {
        ...organization,
        limit: given.number('limit', { min: 1, max: 100 }) ?? 20,
        ...optional('offset', given.number('offset', { min: 0 })),
      },
    });
    if (context.json) context.printJson(answer);
    else if (answer.movements.length === 0) context.note('No credits have moved.');
    else context.printLines(movementLines(context, answer.movements));
    return EXIT.ok;
  },
};

export function balanceLines(context: CliContext, credits: ApiCredits): string[] {
  const { available: left, used_this_month: gone, reserved: held, monthly_limit: most, topped_up: extra } = credits;
  const [available, used, reserved, limit, toppedUp] = alignRight([left, gone, held, most, extra].map(String));
  return renderPairs(
    [
      ['Available', context.style(credits.available > 0 ? 'green' : 'red', available ?? '')],
      ['Used this month', used ?? ''],
      ['Reserved by runs', reserved ?? ''],
      ...(extra > 0 ? [['Left of top-ups', toppedUp ?? ''] as [string, string]] : []),
      ['Credits a month', `${limit ?? ''}, counted anew from ${credits.reset_date}`],
    ],
    context.style,
  );
}

function movementLines(context: CliContext, movements: readonly ApiCreditMovement[]): string[] {
  return context.table<ApiCreditMovement>({
    columns: [
      { header: 'AT', value: (movement) => context.time(movement.at) },
      { header: 'KIND', value: (movement) => movement.kind },
      { header: 'RESERVED', value: (movement) => signed(movement.reserved_delta), align: 'right' },
      { header: 'USED', value: (movement) => signed(movement.used_delta), align: 'right' },
      { header: 'TOP-UPS', value: (movement) => signed(movement.topped_up_delta), align: 'right' },
      { header: 'RUN OR REASON', value: ({ run_id, reason }) => run_id ?? reason ?? '-', optional: true },
    ],
    rows: movements,
  });
}

function signed(delta: number): string {
  return delta > 0 ? `+${delta}` : String(delta);
}
