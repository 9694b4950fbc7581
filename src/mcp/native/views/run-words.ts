import { shorten } from '../../../core/text/cut-text.js';
import { NO_WAITS, type WaitReasons } from '../../../core/ports/engine.js';
import { tellMoment } from '../../../core/time/moment.js';
import { isNodeEnded, type NodeExecution, type WaitReason } from '../../../core/run/node-execution.js';
import { listAgents, isTerminal, type Run } from '../../../core/run/run.js';
import { countedNodes, remainingWait } from './poll-advice.js';
import { openQuestions } from './questions.js';

/** How many agents at work are named at once. */
const MAX_NAMED = 3;

/** How a run is doing, in few words: `3 of 5 agents done; Link Checker 65 %`. */
export function statusMessage(run: Run, { run: held }: WaitReasons = NO_WAITS): string {
  switch (run.status) {
    case 'pending':
      return held === null ? 'waiting to start' : `waiting for ${held}`;
    case 'running':
      return [describeDone(run), ...working(run)].join('; ');
    case 'partial_complete':
      return `${endMessage(run)}: ${describeSucceeded(run)}`;
    default:
      return endMessage(run);
  }
}

/** How a run ended, without what only its nodes tell. */
export function endMessage(run: Pick<Run, 'status' | 'error' | 'outputError'>): string {
  if (run.status === 'partial_complete') return 'completed in part';
  return run.status === 'failed' ? `failed: ${failureText(run)}` : run.status;
}

/** Why a run failed, or completed without an output. */
export function failureText(run: Pick<Run, 'error' | 'outputError'>): string {
  const text = run.error?.message ?? run.outputError ?? '';
  return text === '' ? 'The run failed without saying why.' : text;
}

/** Shorter waits are waited out. */
const LONG_MS = 60_000;

/** What a model is to do about a run that goes on. */
export function nextAction(run: Run, { runId, now }: { readonly runId: string; readonly now: number }): string {
  const look = `call get_run_status with run_id "${runId}" and wait_seconds 25, and repeat until terminal is true.`;
  return `${whatComesFirst(run, now) ?? ''}${look} Do not start this work again: it is still running.`.replace(
    /^c/,
    'C',
  );
}

/** What has to come before the run goes on, when that may take long. */
function whatComesFirst(run: Run, now: number): string | null {
  const [question] = openQuestions(run);
  if (question !== undefined && !run.nodes.some((node) => node.status === 'running' && node.inner === undefined)) {
    return `A person must answer first: "${shorten(question.question.message, 500)}" Ask the user, pass the answer on with answer_run (node_id "${question.nodeId}"); then `;
  }
  const sleepMs = remainingWait(run, now);
  if (sleepMs === null || sleepMs <= LONG_MS) return null;
  return `The run waits until ${tellMoment(now + sleepMs)}. After that, `;
}

/** What became of a run, or how it is doing: one sentence. */
export function runSentence(run: Run, runId: string, waits?: WaitReasons): string {
  const words = isTerminal(run.status) ? endWords(run) : `is ${run.status}: ${statusMessage(run, waits)}`;
  return `${run.workflowName} ${words} (${runId}).`;
}

function endWords(run: Run): string {
  const seconds = durationSeconds(run);
  const time = seconds === null ? '' : ` in ${seconds < 0.1 ? 'under 0.1' : seconds} s`;
  switch (run.status) {
    case 'completed':
      return `completed${time}`;
    case 'partial_complete':
      return `completed in part${time}: ${describeSucceeded(run)}`;
    case 'failed':
      return `failed${time}: ${failureText(run)}`;
    default:
      return 'was cancelled';
  }
}

/** From the moment that it left `pending`; one decimal. Null until it has ended. */
export function durationSeconds(run: Pick<Run, 'startedAt' | 'createdAt' | 'completedAt'>): number | null {
  if (run.completedAt === null) return null;
  return Math.max(0, Math.round((run.completedAt - (run.startedAt ?? run.createdAt)) / 100) / 10);
}

function describeDone(run: Run): string {
  const counted = countedNodes(run);
  const done = counted.filter((node) => isNodeEnded(node.status)).length;
  return `${done} of ${counted.length} ${chooseNoun(run)} done`;
}

function describeSucceeded(run: Run): string {
  const counted = countedNodes(run);
  const succeeded = counted.filter((node) => node.status === 'completed').length;
  return `${succeeded} of ${counted.length} ${chooseNoun(run)} succeeded`;
}

function chooseNoun(run: Run): string {
  const agents = listAgents(run).length;
  if (agents === 0) return run.nodes.length === 1 ? 'node' : 'nodes';
  return agents === 1 ? 'agent' : 'agents';
}

function working(run: Run): string[] {
  const active = countedNodes(run).filter((node) => node.status === 'running' || node.status === 'waiting');
  const named = active.slice(0, MAX_NAMED).map(describeWork);
  return active.length > MAX_NAMED ? [...named, `${active.length - MAX_NAMED} more at work`] : named;
}

function describeWork({ label, id, status, progress, error, waitingFor }: NodeExecution): string {
  const name = label ?? id;
  if (status !== 'waiting') return `${name} ${Math.floor(progress)} %`;
  return `${name} ${WAITS[waitingFor ?? (error === null ? 'time' : 'retry')]}`;
}

const WAITS: { readonly [reason in WaitReason]: string } = {
  retry: 'is tried again soon',
  time: 'waits',
  answer: 'waits for an answer',
  run: 'waits for the run that it started',
  event: 'waits for an event',
  nodes: 'waits',
};
