import { getUsage } from '../../../api/endpoints/models.js';
import type { ApiMonthUsage, ApiUsage } from '../../../api/api-types.js';
import { optional, type CliCommand } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { dollars } from '../../api/model-usage.js';
import { organizationOption } from './organization-option.js';

type Row = ApiUsage & { readonly model: string };

export const usageCommand: CliCommand = {
  name: 'usage',
  summary: 'Show what models have used in a month: calls, tokens and cost',
  options: [organizationOption, { flags: '--month <month>', description: 'such as 2026-11, UTC (default: this one)' }],
  examples: [
    'errand usage',
    'errand usage --month 2026-10 --organization acme',
    'errand usage --json | jq .total.cost_usd',
  ],
  async run(context, given) {
    const usage = await context.client().call(getUsage, {
      query: {
        ...optional('month', given.text('month')),
        ...optional('organization', given.text('organization')),
      },
    });
    if (context.json) context.printJson(usage);
    else if (usage.models.length === 0) context.note(`No model was asked in ${usage.month}.`);
    else {
      context.printLines(
        context.table<Row>({
          columns: [
            { header: usage.month, value: ({ model }) => model, colour: () => 'bold' },
            { header: 'CALLS', value: ({ calls }) => String(calls), align: 'right' },
            { header: 'INPUT', value: (row) => String(row.input_tokens), align: 'right' },
            { header: 'CACHED', value: (row) => String(row.cached_input_tokens), align: 'right', optional: true },
            { header: 'OUTPUT', value: (row) => String(row.output_tokens), align: 'right' },
            { header: 'COST', value: dollars, align: 'right' },
          ],
          rows: toRows(usage),
        }),
      );
      const { unpriced_calls: unpriced } = usage.total;
      if (unpriced > 0) context.note(`The cost leaves out ${unpriced} of the calls: no price is known for them.`);
    }
    return EXIT.ok;
  },
};

function toRows({ models, total }: ApiMonthUsage): readonly Row[] {
  return models.length === 1 ? models : [...models, { model: 'all', ...total }];
}
