import type { JsonSchema } from '../../core/json.js';
import type {
  ApiCallRate,
  ApiConcurrency,
  ApiLimits,
  ApiResourceLimits,
  ApiSharedLimit,
  ApiWorkflowLimits,
} from '../credit-types.js';
import { described, FLAG, INTEGER, listOf, NUMBER, orNull, shapeOf, TEXT } from './shape.js';

const CONCURRENCY = shapeOf<ApiConcurrency>()({
  used: described(orNull(INTEGER), 'How many are active; null: nothing limits it, so nothing counts it.'),
  limit: described(orNull(INTEGER), 'Null: none.'),
  own: described(FLAG, "Whether it was set for this organization; else it is the server's."),
  process_limit: described(orNull(INTEGER), 'For all organizations together. Null: none.'),
});
const CALL_RATE = shapeOf<ApiCallRate>()({ used: INTEGER, limit: INTEGER });
const SHARED = {
  used: described(orNull(INTEGER), 'By all organizations together. Null without the scope `operate`.'),
  limit: INTEGER,
};
const SHARED_LIMIT = shapeOf<ApiSharedLimit>()(SHARED);

/** Limits, as the document names them. */
export const LIMIT_SCHEMAS: { readonly [name: string]: JsonSchema } = {
  Limits: shapeOf<ApiLimits>()({
    runs: CONCURRENCY,
    nodes: CONCURRENCY,
    calls: shapeOf<ApiLimits['calls']>()({
      key: described(orNull(CALL_RATE), 'Of the key that asks, in the last minute. Null: not counted.'),
      changes: described(orNull(CALL_RATE), 'The same of run_workflow and cancel_workflow_run of contract B.'),
      organization: described(orNull(CALL_RATE), 'Of the organization, with all its keys.'),
    }),
    credits: described(
      shapeOf<ApiLimits['credits']>()({ used: INTEGER, limit: INTEGER }),
      'Used this month and reserved; what top-ups give is part of the limit.',
    ),
    workflows: described(
      listOf(
        shapeOf<ApiWorkflowLimits>()({ workflow_id: TEXT, runs: orNull(SHARED_LIMIT), nodes: orNull(SHARED_LIMIT) }),
      ),
      'Of the workflows for all organizations that it can start, those that have limits.',
    ),
    resources: described(
      listOf(
        shapeOf<ApiResourceLimits>()({
          resource: TEXT,
          concurrency: described(orNull(SHARED_LIMIT), 'Uses at once.'),
          rate: described(
            orNull(shapeOf<NonNullable<ApiResourceLimits['rate']>>()({ ...SHARED, per_seconds: NUMBER })),
            'Uses that may begin within so many seconds.',
          ),
        }),
      ),
      'The declared resources that workflows which it can start use.',
    ),
  }),
};
