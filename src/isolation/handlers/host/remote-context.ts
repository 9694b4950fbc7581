import type { Json } from '../../../core/json.js';
import type { Logger } from '../../../core/ports/logger.js';
import type { Generated, GenerateRequest, HandlerContext } from '../../../core/handlers/node-kind.js';
import { toFindings, toPercent, toProgressMessage } from '../../../core/handlers/reports.js';
import { toPlainJson } from '../../../workflow/schema/plain-json.js';
import type { FromWorker, ToldContext } from '../wire/messages.js';
import { unpackError, type WireError } from '../wire/errors.js';
import type { Questions } from './questions.js';
import { createRemoteFetch } from './remote-fetch.js';
import type { CallScope } from './vital-signs.js';

type Report = Extract<FromWorker, { kind: 'report' }>;

/** However often handlers report, the server hears of it so often. */
const REPORT_EVERY_MS = 20;

/** What calls have said since the server has heard of them: only the newest counts. */
export class Reports {
  readonly #schedule: () => void;
  readonly #newest = new Map<number, Report>();
  #toldAt = Number.NEGATIVE_INFINITY;
  #isDeferred = false;

  constructor(schedule: () => void) {
    this.#schedule = schedule;
  }

  add(call: number, report: Partial<Pick<Report, 'progress' | 'findings'>>): void {
    const before = this.#newest.get(call);
    if (this.#newest.size === 0) this.#schedule();
    this.#newest.set(call, { kind: 'report', call, progress: null, findings: null, ...before, ...report });
  }

  /** What it is time to tell. */
  takeDue(): readonly Report[] {
    if (this.#newest.size === 0) return [];
    const now = performance.now();
    if (now - this.#toldAt < REPORT_EVERY_MS) {
      this.#defer();
      return [];
    }
    this.#toldAt = now;
    const all = [...this.#newest.values()];
    this.#newest.clear();
    return all;
  }

  #defer(): void {
    if (this.#isDeferred) return;
    this.#isDeferred = true;
    setTimeout(() => {
      this.#isDeferred = false;
      this.#schedule();
    }, REPORT_EVERY_MS);
  }

  /** Before the call is told to have ended. */
  take(call: number): Report | null {
    const report = this.#newest.get(call) ?? null;
    this.#newest.delete(call);
    return report;
  }
}

/** One call's signal, made when it is first asked for. */
export class CallSignal {
  #controller: AbortController | null = null;
  #reason: Error | null = null;

  get(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.#reason !== null) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** Throws why the call was given up, where it was. */
  throwIfAborted(): void {
    if (this.#reason !== null) throw this.#reason;
  }

  abort(error: WireError): void {
    this.#reason ??= unpackError(error);
    this.#controller?.abort(this.#reason);
  }
}

export interface RemoteParts {
  readonly scope: CallScope;
  readonly told: ToldContext & Pick<HandlerContext, 'input'>;
  readonly questions: Questions;
  readonly reports: Reports;
  readonly signal: CallSignal;
  readonly log: Logger;
}

/**
 * What handlers are promised, where the server is elsewhere. All of it the object's own, so that a copy of it is whole;
 * the signal by one getter for all contexts, as in `CodeContext`.
 */
export class RemoteContext implements HandlerContext {
  static readonly #signal: PropertyDescriptor & ThisType<RemoteContext> = {
    get() {
      return this.#parts.signal.get();
    },
    enumerable: true,
  };

  declare readonly signal: AbortSignal;
  readonly input: Json;
  readonly idempotencyKey: string;
  readonly attempt: number;
  readonly instruction: string | null;
  readonly node: HandlerContext['node'];
  readonly run: HandlerContext['run'];
  readonly organization: HandlerContext['organization'];
  readonly progress: HandlerContext['progress'];
  readonly findings: HandlerContext['findings'];
  readonly log: Logger;
  readonly step: HandlerContext['step'];
  readonly generate: HandlerContext['generate'];
  readonly fetch: HandlerContext['fetch'];
  readonly secrets: HandlerContext['secrets'];
  readonly #parts: RemoteParts;
  #generated = 0;

  constructor(parts: RemoteParts) {
    Object.defineProperty(this, 'signal', RemoteContext.#signal);
    const { told, scope, questions } = parts;
    this.#parts = parts;
    this.input = told.input;
    this.idempotencyKey = told.idempotencyKey;
    this.attempt = told.attempt;
    this.instruction = told.instruction;
    this.node = told.node;
    this.run = told.run;
    this.organization = told.organization;
    this.log = parts.log;
    this.progress = (percent, message) => {
      const progress = { percent: toPercent(percent), message: toProgressMessage(message) };
      if (!scope.ended) parts.reports.add(scope.call, { progress });
    };
    this.findings = (text) => {
      const findings = toFindings(text);
      if (!scope.ended) parts.reports.add(scope.call, { findings });
    };
    this.step = async <T>(key: string, work: () => Promise<T> | T) => {
      assertOpen(scope);
      return (await questions.ask(scope, { kind: 'step', key }, { work }).answer) as T;
    };
    this.generate = (request) => this.#generate(request);
    this.secrets = {
      get: async (name) => {
        assertOpen(scope);
        return (await questions.ask(scope, { kind: 'secret', name }).answer) as string;
      },
    };
    this.fetch = async (url, init) => {
      assertOpen(scope);
      return createRemoteFetch({ scope, questions })(url, init);
    };
  }

  async #generate<Output = Json>(request: GenerateRequest): Promise<Generated<Output>> {
    const { scope, questions } = this.#parts;
    assertOpen(scope);
    // Counted here, and anew when the call is made again elsewhere.
    this.#generated += 1;
    const { onText, ...rest } = request;
    const asked = toPlainJson({ key: `generate-${this.#generated}`, ...rest });
    const question = { kind: 'generate', request: asked, wantsText: onText !== undefined } as const;
    const { answer } = questions.ask(scope, question, onText === undefined ? {} : { onText });
    return (await answer) as unknown as Generated<Output>;
  }
}

function assertOpen({ ended }: CallScope): void {
  if (ended) throw new Error('The call that this context was made for has ended');
}
