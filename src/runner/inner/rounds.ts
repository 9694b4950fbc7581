import { NodeFailure, type RoundsEnd, type RunRoundsOptions } from '../../core/handlers/node-kind.js';
import type { Json } from '../../core/json.js';
import { numberedPath } from '../../core/run/paths/node-path.js';
import type { ExpressionScope, PlannedBody, PlannedNode, Template } from '../../workflow/plan/plan.js';
import { assertSize } from '../../workflow/plan/to-json.js';
import type { DriveContext, HoldingAttempt } from '../attempt/drive-context.js';
import { restUntilAborted } from '../waits/rest.js';
import { Frame, type FrameEnd } from './frame.js';

/**
 * Runs the nodes of a body round by round. A round begins only after the commit that holds the end of the one before;
 * of that, and of no earlier one, anything is held in memory.
 */
export async function runRounds(attempt: HoldingAttempt, options: RunRoundsOptions): Promise<RoundsEnd> {
  const { session, place } = attempt;
  for (;;) {
    const last = session.inside.nodes.lastRoundOf(place.id);
    if (last !== null && (last.isDone || last.isLast)) {
      return { output: last.output, rounds: last.round, isDone: last.isDone };
    }
    if (last !== null) await session.log.commit();
    if (place.abort.aborted) throw place.abort.reason ?? new Error('aborted');
    if (session.mailbox.order.kind !== 'go') await restUntilAborted(place.abort, place.rest);
    const round = (last?.round ?? 0) + 1;
    await runRound(attempt, { round, previous: last?.output ?? null, options });
    options.onRound?.(round);
  }
}

async function runRound(
  { session, node, place }: HoldingAttempt,
  { round, previous, options }: { readonly round: number; readonly previous: Json; readonly options: RunRoundsOptions },
): Promise<void> {
  const body = bodyOf(node);
  const { id: nodeId, abort, rest } = place;
  const path = numberedPath(nodeId, round);
  const scope = { ...place.scope(), round, previous };
  const { concurrency, atMost } = options;
  const frame = new Frame({ session, body, path, scope, abort, rest, options: { shape: 'all', concurrency } });
  const end = await frame.run();
  const output = await session.secrets.jsonInTurns(await assertSize(await outputOf({ session, body, path }, end)));
  const isDone = await holds(session, body.outcomes['until'], { ...end.scope, output }, path);
  if (abort.aborted) throw abort.reason ?? new Error('aborted');
  session.log.append({ kind: 'node.round', nodeId, round, output, isDone, isLast: round >= atMost });
}

async function holds(
  session: DriveContext,
  until: Template | undefined,
  scope: ExpressionScope,
  path: string,
): Promise<boolean> {
  if (until === undefined) return false;
  const chance = { seed: `${session.info.id} until of ${path}`, at: session.clock.now() };
  return (await until.evaluate(scope, chance)) === true;
}

export function bodyOf({ body }: PlannedNode): PlannedBody {
  if (body === null) throw new NodeFailure('This node holds no nodes', { kind: 'invalid_config' });
  return body;
}

/** What a node that holds others comes to: its `result`, or the output of the one of them that counts. */
export function outputOf(
  { session, body, path }: { readonly session: DriveContext; readonly body: PlannedBody; readonly path: string },
  { scope, output }: FrameEnd,
): Json | Promise<Json> {
  const { result } = body.outcomes;
  if (result === undefined) return output;
  const chance = { seed: `${session.info.id} result of ${path}`, at: session.clock.now() };
  return result.evaluate(scope, chance);
}
