import type { MetricSnapshot } from './export-metrics.js';
import type { LogRecord, SpanRecord } from './trace/recorder.js';

/** What the thread beside the server is told. */
export type ExportMessage =
  | { readonly kind: 'spans'; readonly spans: readonly SpanRecord[] }
  | { readonly kind: 'logs'; readonly logs: readonly LogRecord[] }
  | { readonly kind: 'metrics'; readonly metrics: readonly MetricSnapshot[]; readonly at: number }
  | { readonly kind: 'close' };

/** Where batches go. `done` is called when one has been sent on or given up. */
export type SendBatch = (message: ExportMessage, done: () => void) => void;
