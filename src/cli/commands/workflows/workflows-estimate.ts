import type { ApiQuantiles } from '../../../api/estimate-types.js';
import { estimateWorkflow } from '../../../api/endpoints/workflows.js';
import type { CliCommand } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { duration } from '../../terminal/human-time.js';

interface Line {
  readonly what: string;
  readonly quantiles: ApiQuantiles;
  readonly tell: (value: number) => string;
}

export const workflowsEstimateCommand: CliCommand = {
  name: 'workflows estimate',
  summary: 'Show what a run is likely to take: time, credits and cost',
  details:
    'By the latest runs that completed, 100 at most. Half of them took no more than 50 %, nine in ten no more than 90 %.',
  arguments: [{ name: '<id>', description: "the workflow's id" }],
  examples: [
    'errand workflows estimate site_checkup',
    'errand workflows estimate site_checkup --json | jq .credits.p90',
  ],
  async run(context, given) {
    const estimate = await context.client().call(estimateWorkflow, { path: { id: given.argument(0) } });
    if (context.json) {
      context.printJson(estimate);
      return EXIT.ok;
    }
    const { runs, duration_seconds: took, credits, cost_usd: cost } = estimate;
    if (took === null || credits === null || cost === null) {
      context.note(`No run has completed yet. A run reserves ${estimate.credits_reserved} credits.`);
      return EXIT.ok;
    }
    const rows: Line[] = [
      { what: 'time', quantiles: took, tell: (seconds) => duration(seconds * 1_000) },
      { what: 'credits', quantiles: credits, tell: String },
      { what: 'cost', quantiles: cost, tell: (dollars) => `$${dollars.toFixed(4)}` },
    ];
    context.printLines(
      context.table<Line>({
        columns: [
          { header: '', value: ({ what }) => what },
          { header: '50 %', value: ({ quantiles, tell }) => tell(quantiles.p50), align: 'right' },
          { header: '90 %', value: ({ quantiles, tell }) => tell(quantiles.p90), align: 'right' },
          { header: 'MOST', value: ({ quantiles, tell }) => tell(quantiles.max), align: 'right' },
        ],
        rows,
      }),
    );
    const unpriced = estimate.unpriced_runs === 0 ? '' : ` ${estimate.unpriced_runs} made calls of unknown price.`;
    context.note(
      `By the latest ${runs} that completed. A run reserves ${estimate.credits_reserved} credits.${unpriced}`,
    );
    return EXIT.ok;
  },
};
