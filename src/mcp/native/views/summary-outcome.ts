import type { JsonObject } from '../../../core/json.js';
import type { Run } from '../../../core/run/run.js';
import type { ToolRequest, ToolOutcome } from '../../contract/contract.js';
import { renderRunStatus } from './native-render.js';
import { runText } from './run-text.js';

/** A run as a tool leaves it that changed it or made it, and `more` beside that. `runId`: as the caller knows it. */
export async function summaryOutcome(
  run: Run,
  runId: string,
  { services, caller }: Pick<ToolRequest<JsonObject>, 'services' | 'caller'>,
  more: JsonObject = {},
): Promise<ToolOutcome> {
  const waits = await services.explainWaits(caller, run);
  const now = services.clock.now();
  return {
    kind: 'value',
    value: { ...renderRunStatus({ run, now, detail: 'summary', waits }), ...more },
    text: runText(run, { runId, now, waits }),
  };
}
