import { errorMessage } from '../../core/errors.js';
import type { StepOutcome } from '../../core/run/events.js';
import type { Json } from '../../core/json.js';
import {
  addUsage,
  type ModelAnswer,
  type ModelMessage,
  type ModelRequest,
  type ModelUsage,
  NO_USAGE,
} from '../../core/models/models.js';
import {
  NodeFailure,
  Suspension,
  type CallModelOptions,
  type Generated,
  type GenerateRequest,
} from '../../core/handlers/node-kind.js';
import type { UsedTool } from '../../core/ports/tracing.js';
import { assertWithinBudgets, beginSharedCall, callWithinBudgets } from './budgets.js';
import { generate } from '../models/generate.js';
import type { LazyAbort } from '../timing/lazy-abort.js';
import { describeFailure } from '../timing/retry.js';
import type { DriveContext } from './drive-context.js';
import { innerKey, modelKey, plainKey, runKey, toolKey } from '../../core/run/step-keys.js';
import type { TextPiece } from '../models/text-filter.js';
import { toJson } from '../../workflow/plan/to-json.js';

const COMMIT_LOST_WITHIN_MS = 5;

/** Where the steps of an attempt belong. */
export interface StepPlace {
  /** The node of the run: for an item of a map, the map. */
  readonly nodeId: string;
  /** See `innerKey`. */
  readonly place: string;
  readonly generation: number;
}

/**
 * The durable steps in a node's own work. A step that completed is in the log, and on disk, before its result is given;
 * whoever goes on with the node, after a crash or in another attempt, gets the same result.
 */
export class NodeSteps {
  readonly #session: DriveContext;
  readonly #place: StepPlace;
  readonly #abort: LazyAbort;
  /** Those that are being done; the same key asked for meanwhile is the same step. */
  readonly #underWay = new Map<string, Promise<Json>>();
  #generated = 0;

  constructor(params: { readonly session: DriveContext; readonly place: StepPlace; readonly abort: LazyAbort }) {
    this.#session = params.session;
    this.#place = params.place;
    this.#abort = params.abort;
  }

  async step<T>(key: string, work: () => Promise<T> | T): Promise<T> {
    return (await this.#once(plainKey(checkKey(key)), async () => ({ output: await toJson(await work()) }))) as T;
  }

  async toolStep<T>(key: string, work: () => Promise<T> | T, tool?: UsedTool): Promise<T> {
    const { content, info, tracing, secrets } = this.#session;
    const use = async (): Promise<T> => await work();
    const kept = await this.#once(toolKey(checkKey(key)), async () => ({
      output: content.keepResult(
        await secrets.jsonInTurns(
          await toJson(await (tracing === null || tool === undefined ? work() : tracing.useTool(tool, use))),
        ),
        info.id,
      ),
    }));
    return this.#recallResult(kept) as T;
  }

  async callModel(key: string, request: ModelRequest, options: CallModelOptions = {}): Promise<ModelAnswer> {
    const session = this.#session;
    const { content, organization, info } = session;
    const { nodeId } = this.#place;
    let endShared = async (): Promise<void> => undefined;
    const asked = this.#once(modelKey(checkKey(key)), async () => {
      const text = this.#passOn(key, options);
      let before = NO_USAGE;
      const onLost = (lost: ModelUsage): void => {
        before = addUsage(before, lost);
        this.#countLost(key, lost);
      };
      const place = { organizationId: organization.id, signal: this.#abort.signal, onText: text.take, onLost };
      endShared = await beginSharedCall(session);
      const answer = await callWithinBudgets(session, nodeId, () => session.models.call(request, place));
      text.end();
      const usage = { ...answer.usage, model: answer.model };
      try {
        const whole = await toJson({ ...answer, usage: addUsage(before, answer.usage) });
        const newest = await toJson(newestMessages(request));
        return {
          output: content.keep(await session.secrets.jsonInTurns({ answer: whole, asked: newest }), info.id),
          usage,
        };
      } catch (error) {
        this.#countLost(key, usage);
        throw error;
      }
    });
    let kept: Json;
    try {
      kept = await asked;
    } finally {
      await endShared();
    }
    assertWithinBudgets(session, nodeId);
    return recalled('the model had answered', () => content.recall(kept, info.id));
  }

  /**
   * What is remembered under the key is the run's outcome, failures included: the driver puts it there when that run
   * has ended.
   */
  async runChild(key: string, start: () => Promise<{ readonly runId: string }>): Promise<StepOutcome | Suspension> {
    const { memory, content, info } = this.#session;
    const { place, generation } = this.#place;
    const whole = innerKey(place, generation, runKey(checkKey(key)));
    const known = memory.recall(whole);
    if (known?.status === 'completed') return this.#recallResult(known.output) as StepOutcome;
    try {
      const { runId } = await start();
      return new Suspension({ for: 'run', until: null, runId, step: whole });
    } catch (thrown) {
      if (this.#abort.aborted || !(thrown instanceof NodeFailure)) throw thrown;
      // That it could not be started is what it came to.
      const { error } = describeFailure(thrown, this.#session.secrets);
      const failed: StepOutcome = { status: 'failed', error };
      await this.#once(runKey(key), async () => ({ output: content.keepResult(failed, info.id) }));
      return failed;
    }
  }

  generate<Output>(request: GenerateRequest): Promise<Generated<Output>> {
    this.#generated += 1;
    const key = request.key ?? `generate-${this.#generated}`;
    const { isolation } = this.#session.plan;
    return generate<Output>({ request, key, callModel: (...call) => this.callModel(...call), isolation });
  }

  #recallResult(kept: Json): Json {
    const { content, info } = this.#session;
    return recalled('a tool had given', () => content.recallResult(kept, info.id));
  }

  /**
   * A call that comes to nothing is paid for all the same. It may be the last that is heard of the attempt, and so is
   * committed by itself.
   */
  #countLost(key: string, usage: ModelUsage): void {
    const { log } = this.#session;
    log.append({ kind: 'node.usage', nodeId: this.#place.nodeId, step: this.#nameOf(key), usage });
    log.commitWithin(COMMIT_LOST_WITHIN_MS);
  }

  /** A step as events name it. */
  #nameOf(key: string): string {
    const { nodeId, place } = this.#place;
    return place === nodeId ? key : `${place}:${key}`;
  }

  /** Hands on what may be seen of the text of an answer. */
  #passOn(
    key: string,
    { onText }: CallModelOptions,
  ): { readonly take: (delta: string, offset: number) => void; readonly end: () => void } {
    const { log, content } = this.#session;
    const { nodeId } = this.#place;
    const step = this.#nameOf(key);
    // A secret may come in pieces: none of the text is told before it is whole.
    const filter = this.#session.secrets.isNone ? content.textFilter() : null;
    const pass = (piece: TextPiece | null): void => {
      if (piece === null || filter === null || this.#abort.aborted) return;
      log.stageText(nodeId, { step, ...piece });
      onText?.(filter.shown);
    };
    return {
      take: (delta, offset) => pass(filter?.take(delta, offset) ?? null),
      end: () => pass(filter?.rest() ?? null),
    };
  }

  #once(key: string, work: () => Promise<{ readonly output: Json; readonly usage?: ModelUsage }>): Promise<Json> {
    let done = this.#underWay.get(key);
    if (done === undefined) {
      done = this.#do(key, work).finally(() => this.#underWay.delete(key));
      this.#underWay.set(key, done);
    }
    return done;
  }

  async #do(key: string, work: () => Promise<{ readonly output: Json; readonly usage?: ModelUsage }>): Promise<Json> {
    const { memory, abort, secrets, claims, info } = this.#session;
    const { nodeId, place, generation } = this.#place;
    const whole = innerKey(place, generation, key);
    const known = memory.recall(whole);
    if (known?.status === 'failed') throw new NodeFailure(known.error.message, { kind: known.error.kind });
    if (known !== null) return known.output;
    const confirmed = claims === null ? null : claims.confirm(info.id, this.#abort);
    if (confirmed !== null) await confirmed;
    const { output: given, usage = null } = await work();
    const output = await secrets.jsonInTurns(given);
    if (!abort.aborted) {
      await memory.remember({ nodeId, key: whole, outcome: { status: 'completed', output }, usage });
    }
    return output;
  }
}

/** Throws a NodeFailure when it cannot be opened. */
function recalled<T>(what: string, open: () => T): T {
  try {
    return open();
  } catch (error) {
    const message = `What ${what} cannot be read any more: ${errorMessage(error)}`;
    throw new NodeFailure(message, { kind: 'answer_lost', anew: true, cause: error });
  }
}

function checkKey(key: unknown): string {
  if (typeof key === 'string' && key.length > 0 && key.length <= 200) return key;
  throw new NodeFailure(`A step needs a key, a text of 1 to 200 characters, not ${JSON.stringify(key)}`, {
    kind: 'invalid_config',
    retryable: false,
  });
}

/**
 * What the model had not been told before: the messages after its latest answer, and at first what it is told about
 * itself.
 */
function newestMessages({ system, messages }: ModelRequest): {
  system: string | null;
  messages: readonly ModelMessage[];
} {
  const last = messages.findLastIndex(({ role }) => role === 'assistant');
  return { system: last === -1 ? system : null, messages: messages.slice(last + 1) };
}
