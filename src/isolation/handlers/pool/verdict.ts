import { NodeFailure } from '../../../core/handlers/node-kind.js';
import type { Member, Verdict } from './member.js';
import type { Task } from './task.js';
import type { WorkerEnd } from './worker-link.js';

/** Who is to blame where a worker ended by itself. */
export function judge({ calls, busy }: Member, end: WorkerEnd): Verdict {
  const { why, message } = end;
  const named = end.call !== 0 ? end.call : (busy?.call ?? 0);
  return { why, message, culprits: toCulprits(calls, named) };
}

/** Null when it may have been any of several. */
export function toCulprits(calls: Member['calls'], named: number): ReadonlySet<number> | null {
  if (named !== 0) return new Set([named]);
  // One that ends its worker at once has not told that it has begun.
  const known = [...calls].flatMap(([call, { sent }]) => (sent ? [call] : []));
  return known.length === 1 ? new Set(known) : null;
}

export interface Judgement {
  /** What the task fails with; null: it is done again. */
  readonly failure: Error | null;
  /** Whether it is held against its module. */
  readonly isCulprit: boolean;
}

/** What becomes of one of the calls of a worker that has ended, and counts it. */
export function judgeCall(params: {
  readonly task: Task;
  readonly call: number;
  readonly begun: boolean;
  readonly verdict: Verdict;
  readonly silenceMs: number;
  /** At so many ends a call fails; null: never. */
  readonly maxCrashes: number | null;
}): Judgement {
  const { task, call, begun, verdict, maxCrashes } = params;
  const isCulprit = verdict.culprits?.has(call) ?? false;
  if (task.aborted !== null) return { failure: task.aborted, isCulprit };
  if (!isCulprit && verdict.culprits !== null) {
    task.cuts += begun ? 1 : 0;
    return { failure: null, isCulprit };
  }
  if (isCulprit && task.job.kind === 'inspect') {
    return { failure: new Error(`to load the file ended its process: ${verdict.message}`), isCulprit };
  }
  const known = isCulprit ? knownFailure(verdict, params.silenceMs) : null;
  if (known !== null) return { failure: known, isCulprit };
  task.crashes += 1;
  const cutOffs = task.job.kind === 'call' ? task.job.bounds.cutOffs : 0;
  // Deaths of the server blame all that was at work: they count against a call that is known to do harm.
  const counted = isCulprit ? task.crashes : task.crashes - cutOffs;
  if (maxCrashes === null || counted < maxCrashes) return { failure: null, isCulprit };
  return { failure: crashed(task.crashes, cutOffs, verdict), isCulprit };
}

function knownFailure({ why, message }: Verdict, silenceMs: number): Error | null {
  switch (why) {
    case 'silent':
      return new NodeFailure(
        `The handler computed for more than ${silenceMs} ms without giving way, and was ended with its worker`,
        { kind: 'unresponsive' },
      );
    case 'out_of_memory':
      return new NodeFailure(`The handler used up the memory of its worker: ${message}`, { kind: 'out_of_memory' });
    case 'overdue':
    case 'exit':
    case 'uncaught':
    case 'died':
    case 'ended':
    case 'not_started':
      return null;
  }
}

function crashed(times: number, cutOffs: number, { message }: Verdict): NodeFailure {
  const often = times === 1 ? 'once' : `${times} times`;
  const what = cutOffs === 0 ? 'The worker that this ran in' : 'The worker that this ran in, or the server,';
  return new NodeFailure(`${what} ended ${often}, the last time because ${message}`, { kind: 'crashed' });
}
