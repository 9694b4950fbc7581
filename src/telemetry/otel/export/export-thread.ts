import type { MessagePort } from 'node:worker_threads';
import { errorMessage } from '../../../core/errors.js';
import type { TelemetrySettings } from '../read-settings.js';
import type { ExportMessage } from '../messages.js';
import type { LogRecord, SpanRecord } from '../trace/recorder.js';
import { OtelPackages, type Exporter } from './packages.js';
import { ReadableMetrics, toReadableLog, toReadableSpan, type Source } from './readable.js';

/** What the thread is given when it is started. */
export interface ExportThreadData {
  /** The file at which OpenTelemetry's SDK starts. */
  readonly sdk: string;
  readonly version: string;
  readonly detectors: readonly string[];
  readonly exporters: TelemetrySettings['exporters'];
  readonly protocols: TelemetrySettings['protocols'];
}

/** What the thread says. */
export type ExportReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'unusable'; readonly message: string }
  /** The batch of this number was sent, or given up: `failure` says why. */
  | { readonly kind: 'done'; readonly batch: number; readonly failure: string | null }
  | { readonly kind: 'closed' };

export type NumberedMessage = ExportMessage & { readonly batch: number };

interface OpenExporters {
  readonly spans: readonly Exporter[];
  readonly logs: readonly Exporter[];
  readonly metrics: readonly { readonly exporter: Exporter; readonly readable: ReadableMetrics }[];
  readonly source: Source;
}

/** Turns what the server records into what collectors read, and sends it: the thread beside the server. */
export async function runExportThread(port: MessagePort, data: ExportThreadData): Promise<void> {
  const say = (report: ExportReport): void => port.postMessage(report);
  let open: OpenExporters;
  try {
    open = await openExporters(data);
  } catch (error) {
    say({ kind: 'unusable', message: errorMessage(error) });
    return;
  }
  const underWay = new Set<Promise<void>>();
  port.on('message', (message: NumberedMessage) => {
    const work = message.kind === 'close' ? close(open, underWay).then(() => say({ kind: 'closed' })) : sent(message);
    underWay.add(work);
    void work.finally(() => underWay.delete(work));
  });
  const sent = async (message: NumberedMessage): Promise<void> => {
    const failures = await Promise.all(exportsOf(message, open).map(([exporter, told]) => send(exporter, told)));
    say({ kind: 'done', batch: message.batch, failure: failures.find((failure) => failure !== null) ?? null });
  };
  say({ kind: 'ready' });
}

async function openExporters(data: ExportThreadData): Promise<OpenExporters> {
  const packages = new OtelPackages(data.sdk);
  const resource = await packages.resource(data.detectors);
  const source: Source = { resource, scope: { name: 'errand', version: data.version } };
  return {
    source,
    spans: packages.exporters('traces', data),
    logs: packages.exporters('logs', data),
    metrics: packages.exporters('metrics', data).map((exporter) => {
      const temporality = (instrument: string): number => exporter.selectAggregationTemporality?.(instrument) ?? 1;
      return { exporter, readable: new ReadableMetrics(source, temporality, Date.now()) };
    }),
  };
}

function exportsOf(message: ExportMessage, open: OpenExporters): readonly (readonly [Exporter, unknown])[] {
  const { source } = open;
  switch (message.kind) {
    case 'spans': {
      const records = JSON.parse(message.spans) as readonly SpanRecord[];
      const spans = records.map((record) => toReadableSpan(record, source));
      return open.spans.map((exporter) => [exporter, spans]);
    }
    case 'logs': {
      const records = JSON.parse(message.logs) as readonly LogRecord[];
      const logs = records.map((record) => toReadableLog(record, source));
      return open.logs.map((exporter) => [exporter, logs]);
    }
    case 'metrics':
      return open.metrics.map(({ exporter, readable }) => [exporter, readable.read(message.metrics, message.at)]);
    case 'close':
      return [];
  }
}

/** Why it was not sent; null: it was. */
function send(exporter: Exporter, told: unknown): Promise<string | null> {
  return new Promise((resolve) => {
    try {
      exporter.export(told, ({ code, error }) => resolve(code === 0 ? null : (error?.message ?? 'no reason is given')));
    } catch (error) {
      resolve(errorMessage(error));
    }
  });
}

async function close(open: OpenExporters, underWay: ReadonlySet<Promise<void>>): Promise<void> {
  await Promise.all(underWay);
  const all = [...open.spans, ...open.logs, ...open.metrics.map(({ exporter }) => exporter)];
  await Promise.all(all.map((exporter) => exporter.shutdown().catch(() => undefined)));
}
