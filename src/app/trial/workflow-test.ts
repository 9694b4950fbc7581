import type { EventMatch } from '../../core/events/kept-event.js';
import type { Json } from '../../core/json.js';
import type { ModelRequest } from '../../core/models/models.js';
import type { Question } from '../../core/run/node-execution.js';
import type { Run } from '../../core/run/run.js';
import type { Fakes, NodeCall } from './fakes.js';
import type { ModelScript } from './scripted-models.js';

export interface TestWorkflowOptions {
  /** Which of a folder's workflows is tested; its only one when not given. */
  readonly workflow?: string;
  /** What nodes give instead of working, by their ids. Other nodes work, but for those that would reach out. */
  readonly nodes?: Fakes;
  /** What models answer. Without it, a node that asks one fails. */
  readonly models?: ModelScript;
  /** The values of the secrets that the workflow names. */
  readonly secrets?: { readonly [name: string]: string };
  /** Where the clock stands at first, RFC 3339: 2026-01-15T12:00:00Z when not given. */
  readonly now?: string;
}

/** A run as it stands once nothing of it happens by itself any more. */
export interface TestRun extends Run {
  /** What each node has given, by its id; null for one that gave nothing. */
  readonly outputs: { readonly [nodeId: string]: Json };
  /** What it waits for. */
  readonly waits: readonly TestWait[];
}

export interface TestWait {
  readonly nodeId: string;
  readonly for: 'answer' | 'time' | 'run' | 'event';
  /** When it goes on by itself, RFC 3339; null when it does not. */
  readonly until: string | null;
  readonly question: Question | null;
  /** The event that it waits for. */
  readonly event: EventMatch | null;
}

/** A workflow with nodes that are faked, a clock that stands still, and models that answer from a script. */
export interface WorkflowTest {
  /** Starts a run. Resolves when it has ended, or waits for an answer, an event or a time. Retries are made at once. */
  run(input?: Json, options?: { readonly instruction?: string }): Promise<TestRun>;
  /** Answers what a node asks; resolves as `run` does. */
  answer(run: Pick<Run, 'id'>, nodeId: string, answer: Json): Promise<TestRun>;
  /** Sends an event to the run; resolves as `run` does. */
  send(run: Pick<Run, 'id'>, name: string, options?: { readonly key?: string; readonly data?: Json }): Promise<TestRun>;
  /** Moves the clock by `2h`, or milliseconds; resolves as `run` does. */
  advance(run: Pick<Run, 'id'>, by: string | number): Promise<TestRun>;
  cancel(run: Pick<Run, 'id'>): Promise<TestRun>;
  /** What a node was given each time that it worked: `charge`, `each/do`, `refund:charge`. */
  calls(node: string): readonly NodeCall[];
  /** What models were asked. */
  readonly prompts: readonly ModelRequest[];
  close(): Promise<void>;
}
