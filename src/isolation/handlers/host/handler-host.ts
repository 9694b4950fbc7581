/**
 * A process or thread that runs handlers: many calls at a time. It is ended from outside when one of them does not give
 * way, or does not end.
 */
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { errorMessage } from '../../../core/errors.js';
import type { Handler } from '../../../core/handlers/node-kind.js';
import { beginChild } from '../../begin-child.js';
import { importHandler, importModule, reportModule } from '../../../workflow/module-exports.js';
import { toJson } from '../../../workflow/plan/to-json.js';
import { packError } from '../wire/errors.js';
import { ValueReceiver, ValueSender } from '../wire/large-values.js';
import type { FromWorker, ToWorker } from '../wire/messages.js';
import { VITALS } from '../wire/vitals.js';
import { openPortLink, openSocketLink, type Link } from './link.js';
import { Questions } from './questions.js';
import { CallSignal, RemoteContext, Reports } from './remote-context.js';
import { currentScope, runInScope, VitalSigns, type CallScope } from './vital-signs.js';
import { watchProcess } from './watch-process.js';
import { captureOutput, WorkerLog } from './worker-log.js';

type CallMessage = Extract<ToWorker, { kind: 'call' }>;

const NONE: ReadonlySet<number> = new Set();

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
  readonly #handlers = new Map<string, Handler>();
  readonly #signals = new Map<number, CallSignal>();
  #flushOutput: (scope: CallScope) => void = () => undefined;
  /** Those begun in this turn. */
  #begun: number[] = [];

  constructor(open: (beforeFlush: () => void) => Link, signs: VitalSigns) {
    this.#link = open(() => this.#beforeFlush());
    const { outbox } = this.#link;
    this.#signs = signs;
    this.#sender = new ValueSender((pieces) => this.#post(pieces));
    this.#questions = new Questions(outbox, this.#sender);
    this.#reports = new Reports(() => outbox.schedule());
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
        return !givenUp.has(message.call) && this.#signs.mayBegin(message.call)
          ? void this.#call(message)
          : this.#return(message.call);
      case 'inspect':
        return this.#signs.mayBegin(message.call)
          ? void this.#inspect(message.call, message.file)
          : this.#return(message.call);
      case 'reopen':
        return this.#signs.reopen(message.closing);
      case 'abort':
        return this.#abort(message.call, message.error);
      case 'work':
        return void this.#questions.work(message.id);
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
    this.#post({ kind: 'returned', call });
  }

  #abort(call: number, error: Extract<ToWorker, { kind: 'abort' }>['error']): void {
    this.#signals.get(call)?.abort(error);
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
  async #work({ call, file, export: name, nodeId, context }: CallMessage, scope: CallScope, signal: CallSignal) {
    try {
      const found = this.#handlerAt(file, name, nodeId, scope);
      const handler = found instanceof Promise ? await found : found;
      const unpacked = this.#receiver.unpack(context.input);
      const input = unpacked instanceof Promise ? await unpacked : unpacked;
      const [questions, reports, log] = [this.#questions, this.#reports, this.#log.loggerOf(scope)];
      const given = new RemoteContext({ scope, told: { ...context, input }, questions, reports, signal, log });
      const output = toJson(await runInScope(scope, () => handler(given)));
      const packed = this.#sender.pack(output instanceof Promise ? await output : output);
      return { kind: 'done', call, value: packed instanceof Promise ? await packed : packed } as const;
    } catch (thrown) {
      return { kind: 'failed', call, error: packError(thrown) } as const;
    }
  }

  #handlerAt(file: string, name: string, nodeId: string | null, scope: CallScope): Handler | Promise<Handler> {
    const key = `${file}\n${name}\n${nodeId ?? ''}`;
    const known = this.#handlers.get(key);
    if (known !== undefined) return known;
    const ref = nodeId === null ? { export: name } : { export: name, nodeId };
    return runInScope(scope, () => importHandler(file, ref)).then((handler) => {
      this.#handlers.set(key, handler);
      return handler;
    });
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
    this.#signals.set(call, signal);
    this.#begun.push(call);
    this.#signs.begin();
    this.#link.outbox.schedule();
  }

  #leave(call: number): void {
    this.#signals.delete(call);
    this.#signs.end();
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
