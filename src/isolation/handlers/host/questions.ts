import type { Json } from '../../../core/json.js';
import type { FromWorker, Question } from '../wire/messages.js';
import { packError, unpackError, type WireError } from '../wire/errors.js';
import { toJson } from '../../../workflow/plan/to-json.js';
import type { ValueSender } from '../wire/large-values.js';
import type { Outbox } from '../wire/outbox.js';
import { runInScope, type CallScope } from './vital-signs.js';

interface Pending {
  readonly scope: CallScope;
  readonly resolve: (value: Json | Promise<Json>) => void;
  readonly reject: (error: unknown) => void;
  readonly options: QuestionOptions;
  /** What the work of this step has thrown here: it is handed on as it was. */
  thrown: { readonly error: unknown } | null;
}

interface QuestionOptions {
  /** The work of a step. */
  readonly work?: () => unknown;
  readonly onText?: (text: string) => void;
}

/** What calls have asked of the server, until it is answered. */
export class Questions {
  readonly #outbox: Outbox<FromWorker>;
  readonly #values: ValueSender;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;

  constructor(outbox: Outbox<FromWorker>, values: ValueSender) {
    this.#outbox = outbox;
    this.#values = values;
  }

  ask(scope: CallScope, question: Question, options: QuestionOptions = {}): { id: number; answer: Promise<Json> } {
    const id = (this.#lastId += 1);
    scope.asked += 1;
    const answer = new Promise<Json>((resolve, reject) => {
      this.#pending.set(id, { scope, resolve, reject, options, thrown: null });
    });
    this.#outbox.post({ kind: 'ask', call: scope.call, id, question });
    return { id, answer };
  }

  /** Its answer is not wanted any more. */
  drop(scope: CallScope, id: number): void {
    this.#take(id);
    this.#outbox.post({ kind: 'drop', call: scope.call, id });
  }

  answer(id: number, value: Json | Promise<Json>): void {
    const pending = this.#take(id);
    pending?.resolve(value);
  }

  refuse(id: number, error: WireError): void {
    const pending = this.#take(id);
    pending?.reject(pending.thrown === null ? unpackError(error) : pending.thrown.error);
  }

  text(id: number, text: string): void {
    const pending = this.#pending.get(id);
    const onText = pending?.options.onText;
    if (pending !== undefined && onText !== undefined) runInScope(pending.scope, () => onText(text));
  }

  /** Does the work of a step, unless it is too late for that. */
  async work(id: number, by: number | null): Promise<void> {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    const { scope, options } = pending;
    const { call } = scope;
    if (by !== null && Date.now() > by) return this.#outbox.post({ kind: 'late', call, id });
    try {
      const value = await toJson(await runInScope(scope, async () => options.work?.()));
      this.#outbox.post({ kind: 'worked', call, id, value: await this.#values.pack(value) });
    } catch (error) {
      pending.thrown = { error };
      this.#outbox.post({ kind: 'unworked', call, id, error: packError(error) });
    }
  }

  /** Its call has ended. */
  forget(scope: CallScope): void {
    if (scope.asked === 0) return;
    for (const [id, pending] of this.#pending) if (pending.scope === scope) this.#take(id);
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    if (pending === undefined) return undefined;
    pending.scope.asked -= 1;
    this.#pending.delete(id);
    return pending;
  }
}
