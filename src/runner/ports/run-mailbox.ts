import type { Json } from '../../core/json.js';
import type { Question } from '../../core/run/node-execution.js';
import type { AuditFact } from '../../core/tenant/audit.js';

/** An answer to what a node asks, on its way to the driver. */
export interface DeliveredAnswer {
  readonly nodeId: string;
  /** What was asked when the answer was given. */
  readonly question: Question;
  /** Fits the question's schema. */
  readonly answer: Json;
  /** For the trail, in the commit of the answer. */
  readonly audit?: AuditFact | undefined;
  /** Called once the answer is durable. */
  readonly accept: () => void;
  readonly refuse: (reason: AnswerRefusal) => void;
}

/** The node does not wait for an answer, or asks another question by now; or nobody drives the run any more. */
export type AnswerRefusal = 'not_waiting' | 'asks_another' | 'left';

export type RunOrder =
  | { readonly kind: 'go' }
  /** End the run as cancelled; `audit` is for the trail, in the commit that does. */
  | { readonly kind: 'cancel'; readonly reason: string; readonly audit: AuditFact | undefined }
  /** Start no further node; when those that run have ended, leave. */
  | { readonly kind: 'drain' }
  /** Stop at once, record nothing more; the run will be resumed. */
  | { readonly kind: 'leave' };

/** How an engine speaks to the driver of one run. Orders only ever get stricter. */
export class RunMailbox {
  #order: RunOrder = { kind: 'go' };
  #onChange: () => void = () => undefined;
  #answers: DeliveredAnswer[] = [];
  #look = false;

  get order(): RunOrder {
    return this.#order;
  }

  /** Whether the run is to be cancelled, or left. */
  get aborted(): boolean {
    return this.#order.kind === 'cancel' || this.#order.kind === 'leave';
  }

  get left(): boolean {
    return this.#order.kind === 'leave';
  }

  /** The one listener, its driver, is called after every change of the order. */
  listen(onChange: () => void): void {
    this.#onChange = onChange;
  }

  /** Whether something was said that the driver has not taken in. */
  get hasMail(): boolean {
    return this.#look || this.hasAnswers;
  }

  get hasAnswers(): boolean {
    return this.#answers.length > 0;
  }

  deliverAnswer(answer: DeliveredAnswer): void {
    this.#answers.push(answer);
    this.#onChange();
  }

  takeAnswers(): readonly DeliveredAnswer[] {
    const answers = this.#answers;
    if (answers.length > 0) this.#answers = [];
    return answers;
  }

  /** A run that this one has started is not as it was, or there is an event for this one. */
  haveLook(): void {
    this.#look = true;
    this.#onChange();
  }

  takeLook(): boolean {
    const look = this.#look;
    this.#look = false;
    return look;
  }

  /** Whoever cancels first counts. */
  cancel(reason: string, audit?: AuditFact): void {
    if (this.#order.kind === 'leave' || this.#order.kind === 'cancel') return;
    this.#set({ kind: 'cancel', reason, audit });
  }

  drain(): void {
    if (this.#order.kind === 'go') this.#set({ kind: 'drain' });
  }

  leave(): void {
    if (this.#order.kind === 'leave') return;
    this.#set({ kind: 'leave' });
  }

  #set(order: RunOrder): void {
    this.#order = order;
    this.#onChange();
  }
}
