import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { ErrandError } from '../../core/errors.js';
import { builtFile } from '../../isolation/worker-file.js';
import { findPackage } from '../../models/catalogue/find-package.js';
import { createTelemetry, type Telemetry } from '../../telemetry/otel/create-telemetry.js';
import type { ExportReport, ExportThreadData, NumberedMessage } from '../../telemetry/otel/export/export-thread.js';
import { readTelemetrySettings, type TelemetrySettings } from '../../telemetry/otel/read-settings.js';
import type { ExportMessage, SendBatch } from '../../telemetry/otel/messages.js';
import type { RawSettings } from '../config/environment.js';
import { readVersion } from './version.js';

const SDK = '@opentelemetry/sdk-node';
/** How long the end of the server waits for what was not sent. */
const CLOSE_MS = 5_000;
/** What goes wrong again and again is told so often. */
const WARN_EVERY_MS = 60_000;

export interface OpenTelemetry extends Telemetry {
  /** From now on `warn` is told of what cannot be sent, once a minute at most. */
  onTrouble(warn: (fields: object, message: string) => void): void;
  /** Sends what was not sent yet. */
  close(): Promise<void>;
}

/**
 * Starts a thread with OpenTelemetry's exporters where its variables ask for it; null when they do not. They are no part
 * of this program: they are looked for in the given folders and in those above them. Throws `invalid_input` when they
 * are asked for and are not there.
 */
export async function openTelemetry(params: {
  readonly env: RawSettings;
  readonly folders: readonly string[];
}): Promise<OpenTelemetry | null> {
  const { env, folders } = params;
  const settings = readTelemetrySettings(env, Date.now);
  if (settings === null) return null;
  const entry = findPackage(SDK, folders);
  if (entry === null) throw missing(folders);
  const sdk = fileURLToPath(entry);
  const thread = await ExportThread.start({ env, sdk, settings });
  const telemetry = createTelemetry(settings, thread.send);
  const tick = setInterval(() => {
    const { dropped } = telemetry.flush();
    if (dropped > 0) thread.tell({ dropped }, 'Spans or lines of the log were dropped: more came than can be sent');
  }, settings.metricsEveryMs).unref();
  return {
    ...telemetry,
    onTrouble: (warn) => thread.onTrouble(warn),
    close: async () => {
      clearInterval(tick);
      telemetry.flush();
      await thread.close();
    },
  };
}

/** The thread that sends, seen from the server. */
class ExportThread {
  readonly #worker: Worker;
  readonly #underWay = new Map<number, () => void>();
  #batch = 0;
  #closed: () => void = () => undefined;
  #warn: (fields: object, message: string) => void = () => undefined;
  #warnedAt = -WARN_EVERY_MS;

  private constructor(worker: Worker) {
    this.#worker = worker;
  }

  static async start(params: {
    readonly env: RawSettings;
    readonly sdk: string;
    readonly settings: TelemetrySettings;
  }): Promise<ExportThread> {
    const { env, sdk, settings } = params;
    const { exporters, protocols } = settings;
    const variables = variablesOf(env);
    const detectors = (variables['OTEL_NODE_RESOURCE_DETECTORS'] ?? '').split(',').map((name) => name.trim());
    const workerData: ExportThreadData = { sdk, version: readVersion(), detectors, exporters, protocols };
    const program = builtFile('./telemetry-program.js', import.meta.url);
    const worker = new Worker(program, { workerData, env: { ...process.env, ...variables } });
    const thread = new ExportThread(worker);
    const failure = await new Promise<string | null>((resolve) => {
      worker.on('error', (error) => {
        resolve(error.message);
        thread.#lose(error.message);
      });
      worker.on('exit', () => resolve('the thread has ended'));
      worker.on('message', (report: ExportReport) => {
        if (report.kind === 'ready') resolve(null);
        else if (report.kind === 'unusable') resolve(report.message);
        else thread.#take(report);
      });
    });
    worker.unref();
    if (failure === null) return thread;
    const message = `OpenTelemetry's SDK in ${dirname(sdk)} cannot be started: ${failure}.`;
    throw new ErrandError('unavailable', message);
  }

  readonly send: SendBatch = (message: ExportMessage, done) => {
    this.#batch += 1;
    this.#underWay.set(this.#batch, done);
    this.#post({ ...message, batch: this.#batch });
  };

  onTrouble(warn: (fields: object, message: string) => void): void {
    this.#warn = warn;
  }

  tell(fields: object, message: string): void {
    const now = performance.now();
    if (now < this.#warnedAt + WARN_EVERY_MS) return;
    this.#warnedAt = now;
    this.#warn(fields, message);
  }

  async close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#closed = resolve;
      timer = setTimeout(resolve, CLOSE_MS);
      this.#worker.once('exit', resolve);
      this.#post({ kind: 'close', batch: 0 });
    });
    clearTimeout(timer);
    await this.#worker.terminate();
  }

  #post(message: NumberedMessage): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window's
    this.#worker.postMessage(message);
  }

  #take(report: ExportReport): void {
    if (report.kind === 'closed') this.#closed();
    if (report.kind !== 'done') return;
    this.#underWay.get(report.batch)?.();
    this.#underWay.delete(report.batch);
    if (report.failure !== null) this.tell({ error: report.failure }, 'Telemetry could not be sent');
  }

  /** The server goes on without it. */
  #lose(error: string): void {
    this.tell(
      { error },
      'The thread that sends telemetry has ended; nothing is sent until the server is started again',
    );
  }
}

/** The arguments of the process are left out of what is told of it: they may hold secrets. */
function variablesOf(env: RawSettings): { readonly [variable: string]: string } {
  const values: { [variable: string]: string } = {
    OTEL_SERVICE_NAME: 'errand',
    OTEL_NODE_RESOURCE_DETECTORS: 'env,host',
  };
  for (const [name, value] of Object.entries(env))
    if (name.startsWith('OTEL_') && value !== undefined) values[name] = value;
  const attributes = values['OTEL_RESOURCE_ATTRIBUTES'] ?? '';
  if (attributes.includes('service.name=') && env['OTEL_SERVICE_NAME'] === undefined)
    delete values['OTEL_SERVICE_NAME'];
  if (!attributes.includes('service.version=')) {
    values['OTEL_RESOURCE_ATTRIBUTES'] = [attributes, `service.version=${readVersion()}`]
      .filter((part) => part !== '')
      .join(',');
  }
  return values;
}

function missing(folders: readonly string[]): ErrandError {
  const [first = '.'] = folders;
  // What the newest releases need is newer than the oldest Node that this program runs on.
  const wanted = Number(process.versions.node.split('.')[0]) >= 24 ? SDK : `${SDK}@^0.223.0`;
  return new ErrandError(
    'invalid_input',
    `OTEL_… variables ask for telemetry, and OpenTelemetry's SDK, which sends it, is not installed. ` +
      `Install it for your workflows (cd ${first} && npm install ${wanted}), or set OTEL_SDK_DISABLED=true.`,
  );
}
