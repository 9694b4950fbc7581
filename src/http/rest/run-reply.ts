import type { ApiRun } from '../../api/api-types.js';
import type { JsonObject } from '../../core/json.js';
import { findKnownJson } from '../../core/large-json/known-json.js';
import { writeInTurns } from '../../core/large-json/write-in-turns.js';
import type { Run } from '../../core/run/run.js';
import type { HeaderFields } from '../transport/exchange.js';
import { sendJsonInTurns, type Reply } from '../transport/replies.js';

/** A run and how it is shown, except for its output. */
export interface RenderedRun {
  readonly run: Run;
  readonly shown: ApiRun;
}

/**
 * With its output: the JSON that the store has is passed on as it is, and other is written over as many turns of the
 * event loop as it takes.
 */
export function runReply({ run, shown }: RenderedRun, status = 200, headers?: HeaderFields): Reply {
  return async (exchange) => {
    const known = findKnownJson(run);
    const text =
      known === undefined
        ? await writeInTurns({
            ...shown,
            ...(run.output === undefined ? {} : { output: run.output }),
          } as unknown as JsonObject)
        : `${JSON.stringify(shown).slice(0, -1)},"output":${known}}`;
    await sendJsonInTurns(exchange, text, status, headers);
  };
}
