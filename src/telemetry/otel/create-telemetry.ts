import type { Models } from '../../core/models/models.js';
import type { McpTools } from '../../core/ports/mcp-tools.js';
import type { Outbound } from '../../core/ports/outbound.js';
import type { Tracing } from '../../core/ports/tracing.js';
import type { RunEvent } from '../../core/run/events.js';
import type { Run } from '../../core/run/run.js';
import { exportLogs, type LogSink } from './export-logs.js';
import { MetricList } from './export-metrics.js';
import { LiveTracing } from './live-tracing.js';
import type { Place } from './trace/place.js';
import { Propagation } from './trace/propagation.js';
import type { TelemetrySettings } from './read-settings.js';
import type { SendBatch } from './messages.js';
import { Recorder, type LogRecord, type SpanRecord } from './trace/recorder.js';
import { RunPlaces } from './trace/run-places.js';
import { RunSpans } from './trace/run-spans.js';
import { traceMcpTools } from './trace-mcp-tools.js';
import { traceModels } from './trace-models.js';
import { traceOutbound } from './trace-outbound.js';
import { Tracer } from './trace/tracer.js';

/** Everything that is told by OpenTelemetry. A server without it has none of this, and pays nothing. */
export interface Telemetry {
  readonly tracing: Tracing;
  readonly metrics: MetricList;
  readonly logs: LogSink;
  /** After these events of the run were recorded. */
  observeRun(run: Run, events: readonly RunEvent[]): void;
  /** Before a run is driven that another process left when it died. */
  observeTakeOver(run: Run): void;
  traceModels<M extends Models>(models: M): M;
  traceMcpTools(tools: McpTools): McpTools;
  traceOutbound<O extends Outbound>(outbound: O): O;
  /** From now on failures are told as `clean` has them. */
  tellCleanly(clean: (text: string) => string): void;
  /** Hands on what was not handed on yet, and how many spans and lines were dropped since it was asked last. */
  flush(): { readonly dropped: number };
}

/** `send`: to whoever exports it. */
export function createTelemetry(settings: TelemetrySettings, send: SendBatch): Telemetry {
  const { exporters, batches, sampler } = settings;
  const spans = new Recorder<SpanRecord>(batches.traces, (batch, done) =>
    send({ kind: 'spans', spans: JSON.stringify(batch) }, done),
  );
  const lines = new Recorder<LogRecord>(batches.logs, (batch, done) =>
    send({ kind: 'logs', logs: JSON.stringify(batch) }, done),
  );
  const isTraced = exporters.traces.length > 0;
  const tracer = new Tracer({ record: (span) => spans.add(span), sampler: isTraced ? sampler : () => false });
  const propagation = new Propagation(settings.propagators);
  const places = new RunPlaces();
  const runSpans = new RunSpans(tracer, places);
  const tracing = new LiveTracing({ tracer, places, propagation });
  const metrics = new MetricList();
  const placeOf = (fields: object): Place | null => {
    const current = tracer.current();
    if (current !== null) return current;
    return 'runId' in fields ? tracing.placeOfDriven(String(fields.runId)) : null;
  };
  return {
    tracing,
    metrics,
    logs: exportLogs({ lines: exporters.logs.length > 0 ? lines : null, placeOf }),
    observeRun: (run, events) => runSpans.observe(run, events),
    observeTakeOver: (run) => runSpans.takenOver(run),
    tellCleanly: (clean) => tracer.tellCleanly(clean),
    traceModels: (models) => traceModels(models, metrics, tracer),
    traceMcpTools: (tools) => traceMcpTools(tools, tracer, propagation),
    traceOutbound: (outbound) => traceOutbound(outbound, tracer, propagation),
    flush: () => {
      spans.flush();
      lines.flush();
      if (exporters.metrics.length > 0) {
        send({ kind: 'metrics', metrics: metrics.read(), at: Date.now() }, () => undefined);
      }
      return { dropped: spans.takeDropped() + lines.takeDropped() };
    },
  };
}
