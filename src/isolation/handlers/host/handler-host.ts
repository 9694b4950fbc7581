/**
 * A process or thread that runs handlers: many calls at a time. It is ended from outside when one of them does not give
 * way, or does not end.
 */
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { errorMessage } from '../../../core/errors.js';
import { beginChild } from '../../begin-child.js';
import { importModule, reportModule } from '../../../workflow/module-exports.js';
import { toJson } from '../../../workflow/plan/to-json.js';
import { packError } from '../wire/errors.js';
import { ValueReceiver, ValueSender } from '../wire/large-values.js';
import type { FromWorker, ToWorker } from '../wire/messages.js';
import { VITALS } from '../wire/vitals.js';
import { Awake } from '../wire/awake.js';
import { openPortLink, openSocketLink, type Link } from './link.js';
import { Questions } from './questions.js';
import { CallSignal, RemoteContext, Reports } from './remote-context.js';
import { LoadedHandlers } from './loaded-handlers.js';
import { currentScope, runInScope, VitalSigns, type CallScope } from './vital-signs.js';
import { watchProcess } from './watch-process.js';
import { captureOutput, WorkerLog } from './worker-log.js';

type CallMessage = Extract<ToWorker, { kind: 'call' }>;

const NONE: ReadonlySet<number> = new Set();
/** Within so long the next call comes where one node follows another: its outcome is put on disk in between. */
const NEXT_CALL_MS = 0.5;

function givenUpIn(messages: readonly ToWorker[]): ReadonlySet<number> {
  return new Set(messages.flatMap((message) => (message.kind === 'abort' ? [message.call] : [])));
}

class HandlerHost {
  readonly #link: Link;
  readonly #signs: VitalSigns;
  readonly #questions: Questions;
  readonly #sender: ValueSender;
  readonly #receiver = new ValueReceiver();
  readonly #reports: Reports;
  readonly #log: WorkerLog;
  readonly #handlers = new LoadedHandlers();
  readonly #signals = new Map<number, CallSignal>();
  readonly #awake = new Awake(NEXT_CALL_MS);
  #flushOutput: (scope: CallScope) => void = () => undefined;
  /** Those begun in this turn. */
  #begun: number[] = [];

  constructor(open: (beforeFlush: () => void) => Link, signs: VitalSigns) {
    this.#link = open(() => this.#beforeFlush());
    const { outbox } = this.#link;
    this.#signs = signs;
    this.#sender = new ValueSender((pieces) => this.#post(pieces));
    this.#questions = new Questions(outbox, this.#sender);
    this.#reports = new Reports(() => outbox.scheduleAtEnd());
    this.#log = new WorkerLog(outbox);
  }

  begin(): void {
    this.#flushOutput = captureOutput(this.#log);
    this.#link.listen((messages) => {
      this.#signs.beat();
      // Most come alone.
      const givenUp = messages.length === 1 ? NONE : givenUpIn(messages);
      for (const message of messages) this.#take(message, givenUp);
    });
    this.#post({ kind: 'ready' });
  }

  /** Ends the process, and says whose doing it was. */
  die(why: 'exit' | 'uncaught', message: string, code: number, exit: (code: number) => never): never {
    const call = currentScope()?.call ?? 0;
    try {
      this.#link.outbox.flush();
      this.#link.notice({ kind: 'dying', why, call, message });
    } finally {
      exit(code);
    }
  }

  /** What nobody awaits and fails. */
  logUncaught(thrown: unknown): void {
    const told = packError(thrown);
    const fields = { err: { type: told.name, message: told.message, stack: told.stack } };
    this.#log.write(currentScope(), 'error', fields, 'Something failed in a handler that nothing awaits');
  }

  #post(message: FromWorker): void {
    this.#link.outbox.post(message);
  }

  #beforeFlush(): void {
    for (const report of this.#reports.takeDue()) this.#post(report);
    const calls = this.#begun.filter((call) => this.#signals.has(call));
    this.#begun = [];
    if (calls.length > 0) this.#post({ kind: 'begun', calls });
  }

  #take(message: ToWorker, givenUp: ReadonlySet<number>): void {
    switch (message.kind) {
      case 'call':
        // What was given up before it is begun is not begun.
        return givenUp.has(message.call) ? this.#return(message.call) : this.#begin(message);
      case 'inspect':
        return this.#signs.mayBegin(message.call)
          ? void this.#inspect(message.call, message.file)
          : this.#return(message.call);
      case 'reopen':
        this.#handlers.dropAfter(message.begun);
        return this.#signs.reopen(message.closing);
      case 'abort':
        return this.#abort(message.call, message.error);
      case 'work':
        return void this.#questions.work(message.id, message.by);
      case 'pieces':
        return this.#receiver.take(message);
      case 'answer':
        return this.#questions.answer(message.id, this.#receiver.unpack(message.value));
      case 'refuse':
        return this.#questions.refuse(message.id, message.error);
      case 'text':
        return this.#questions.text(message.id, message.text);
    }
  }

  #return(call: number): void {
    this.#post({ kind: 'returned', call, isLate: false });
  }

  #abort(call: number, error: Extract<ToWorker, { kind: 'abort' }>['error']): void {
    if (this.#handlers.drop(call)) this.#return(call);
    else this.#signals.get(call)?.abort(error);
  }

  /** Once its module is loaded, where another call loads it: until then it may be given to others. */
  #begin(message: CallMessage): void {
    if (this.#handlers.await(message, () => this.#begin(message))) return;
    if (this.#signs.mayBegin(message.call)) void this.#call(message);
    else this.#return(message.call);
  }

  async #call(message: CallMessage): Promise<void> {
    const { call, context } = message;
    const { organization, run, node, attempt } = context;
    const place = { organizationId: organization.id, runId: run.id, nodeId: node.id, attempt };
    const scope: CallScope = { call, place, ended: false, asked: 0 };
    const signal = new CallSignal();
    this.#enter(call, signal);
    const outcome = await this.#work(message, scope, signal);
    this.#flushOutput(scope);
    scope.ended = true;
    this.#questions.forget(scope);
    const last = this.#reports.take(call);
    if (last !== null) this.#post(last);
    this.#leave(call);
    this.#post(outcome);
  }

  /** What is at hand is not awaited: each turn of the queue of promises costs a part of what a short call does. */
  async #work(message: CallMessage, scope: CallScope, signal: CallSignal) {
    const { call, context } = message;
    try {
      const found = this.#handlers.load(message, scope);
      const handler = found instanceof Promise ? await found : found;
      const unpacked = this.#receiver.unpack(context.input);
      const input = unpacked instanceof Promise ? await unpacked : unpacked;
      // To load the module may take its time.
      signal.throwIfAborted();
      // This process may have been paused, or had too much to do: what is known of the run is old by now.
      if (message.by !== null && Date.now() > message.by) return { kind: 'returned', call, isLate: true } as const;
      const [questions, reports, log] = [this.#questions, this.#reports, this.#log.loggerOf(scope)];
      const given = new RemoteContext({ scope, told: { ...context, input }, questions, reports, signal, log });
      const output = toJson(await runInScope(scope, () => handler(given)));
      const packed = this.#sender.pack(output instanceof Promise ? await output : output);
      return { kind: 'done', call, value: packed instanceof Promise ? await packed : packed } as const;
    } catch (thrown) {
      return { kind: 'failed', call, error: packError(thrown) } as const;
    }
  }

  async #inspect(call: number, file: string): Promise<void> {
    const scope: CallScope = { call, place: null, ended: false, asked: 0 };
    this.#enter(call, new CallSignal());
    let outcome: FromWorker;
    try {
      const exports = await runInScope(scope, () => importModule(file));
      outcome = { kind: 'inspected', call, report: reportModule(exports) };
    } catch (thrown) {
      const stack = thrown instanceof Error ? String(thrown.stack) : '';
      outcome = { kind: 'faulty', call, fault: { message: errorMessage(thrown), stack } };
    }
    scope.ended = true;
    this.#leave(call);
    this.#post(outcome);
  }

  #enter(call: number, signal: CallSignal): void {
    this.#awake.came();
    this.#signals.set(call, signal);
    this.#begun.push(call);
    this.#signs.begin();
    this.#link.outbox.scheduleAtEnd();
  }

  #leave(call: number): void {
    this.#signals.delete(call);
    this.#signs.end();
    if (this.#signals.size === 0) this.#awake.expect();
  }
}

async function beginProcess(): Promise<void> {
  beginChild();
  const vitals = new SharedArrayBuffer(VITALS.length * 4);
  const watching = watchProcess(vitals, Number(process.argv[2]) * 1024 * 1024);
  const host = new HandlerHost(openSocketLink, new VitalSigns(new Int32Array(vitals)));
  const exit = process.exit.bind(process);
  process.exit = (code = process.exitCode) =>
    host.die('exit', `it called process.exit(${code ?? ''})`, Number(code ?? 0), exit);
  process.on('uncaughtException', (thrown) => {
    host.logUncaught(thrown);
    host.die('uncaught', `something failed that nothing awaits: ${errorMessage(thrown)}`, 1, exit);
  });
  await watching;
  host.begin();
}

function beginThread(): void {
  const { vitals } = workerData as { readonly vitals: SharedArrayBuffer };
  const port = parentPort;
  if (port === null) throw new Error('there is nobody to work for');
  const host = new HandlerHost((flush) => openPortLink(port, flush), new VitalSigns(new Int32Array(vitals)));
  host.begin();
}

process.setSourceMapsEnabled(true);
if (isMainThread) await beginProcess();
else beginThread();
