import type { Models } from '../../core/models/models.js';
import type { McpTools } from '../../core/ports/mcp-tools.js';
import type { Outbound } from '../../core/ports/outbound.js';
import type { Tracing } from '../../core/ports/tracing.js';
import type { RunEvent } from '../../core/run/events.js';
import type { Run } from '../../core/run/run.js';
import type { MetricMirror } from '../metrics/registry.js';
import { exportLogs, type LogSink } from './export-logs.js';
import { mirrorMetrics } from './export-metrics.js';
import { LiveTracing } from './live-tracing.js';
import type { Otel } from './otel.js';
import { RunPlaces } from './run-places.js';
import { RunSpans } from './run-spans.js';
import type { SpanIds } from './span-ids.js';
import { traceMcpTools } from './trace-mcp-tools.js';
import { traceModels } from './trace-models.js';
import { traceOutbound } from './trace-outbound.js';
import { Tracer } from './tracer.js';

/** Everything that is told by OpenTelemetry. A server without it has none of this, and pays nothing. */
export interface Telemetry {
  readonly tracing: Tracing;
  readonly metrics: MetricMirror;
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
  /** Sends what was not sent yet. */
  close(): Promise<void>;
}

/** `ids`: what the SDK that was started asks for the ids of spans. */
export function createTelemetry(params: {
  readonly otel: Otel;
  readonly ids: SpanIds;
  readonly close: () => Promise<void>;
}): Telemetry {
  const { otel, ids, close } = params;
  const tracer = new Tracer(otel, ids);
  const places = new RunPlaces(tracer);
  const spans = new RunSpans(tracer, places);
  return {
    tracing: new LiveTracing({ otel, tracer, places }),
    metrics: mirrorMetrics(otel),
    logs: exportLogs(otel, tracer),
    observeRun: (run, events) => spans.observe(run, events),
    observeTakeOver: (run) => spans.takenOver(run),
    tellCleanly: (clean) => tracer.tellCleanly(clean),
    traceModels: (models) => traceModels(models, otel, tracer),
    traceMcpTools: (tools) => traceMcpTools(tools, otel, tracer),
    traceOutbound: (outbound) => traceOutbound(outbound, otel, tracer),
    close,
  };
}
