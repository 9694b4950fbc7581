import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

interface KeyValue {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: number | string; readonly boolValue?: boolean };
}

export interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly KeyValue[];
  readonly events?: readonly { readonly name: string }[];
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly status: { readonly code?: number };
}

export interface CollectedLog {
  readonly body: { readonly stringValue: string };
  readonly traceId?: string;
  readonly attributes: readonly KeyValue[];
}

interface Payload {
  readonly resourceSpans?: readonly { readonly scopeSpans: readonly { readonly spans: readonly CollectedSpan[] }[] }[];
  readonly resourceMetrics?: readonly {
    readonly scopeMetrics: readonly { readonly metrics: readonly { readonly name: string }[] }[];
  }[];
  readonly resourceLogs?: readonly {
    readonly scopeLogs: readonly { readonly logRecords: readonly CollectedLog[] }[];
  }[];
}

/** Takes what is sent by OTLP over HTTP as JSON, and keeps it. */
export class Collector {
  /** By id: what is sent again is the same span. */
  readonly spans = new Map<string, CollectedSpan>();
  readonly metrics = new Set<string>();
  readonly logs: CollectedLog[] = [];
  /** All that came, as it came. */
  text = '';
  readonly #server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      this.text += body;
      this.#take(JSON.parse(body) as Payload);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      for (const look of this.#waiting) look();
    });
  });
  readonly #waiting = new Set<() => void>();

  static async start(): Promise<Collector> {
    const collector = new Collector();
    await new Promise<void>((resolve) => collector.#server.listen(0, '127.0.0.1', resolve));
    return collector;
  }

  /** What a server is given to send here, at once. */
  get env(): Record<string, string> {
    const { port } = this.#server.address() as AddressInfo;
    return {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_BSP_SCHEDULE_DELAY: '50',
      OTEL_BLRP_SCHEDULE_DELAY: '50',
      OTEL_METRIC_EXPORT_INTERVAL: '200',
      OTEL_METRIC_EXPORT_TIMEOUT: '200',
    };
  }

  /** Resolves once `seen` gives something. */
  async until<T>(seen: () => T | undefined): Promise<T> {
    for (;;) {
      const found = seen();
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        const look = (): void => {
          this.#waiting.delete(look);
          resolve();
        };
        this.#waiting.add(look);
      });
    }
  }

  named(name: string): readonly CollectedSpan[] {
    return [...this.spans.values()].filter((span) => span.name === name);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #take({ resourceSpans = [], resourceMetrics = [], resourceLogs = [] }: Payload): void {
    for (const { scopeSpans } of resourceSpans)
      for (const { spans } of scopeSpans) for (const span of spans) this.spans.set(span.spanId, span);
    for (const { scopeMetrics } of resourceMetrics)
      for (const { metrics } of scopeMetrics) for (const { name } of metrics) this.metrics.add(name);
    for (const { scopeLogs } of resourceLogs) for (const { logRecords } of scopeLogs) this.logs.push(...logRecords);
  }
}

export function attributeOf({ attributes }: Pick<CollectedSpan, 'attributes'>, name: string): unknown {
  const value = attributes.find(({ key }) => key === name)?.value;
  return value?.stringValue ?? value?.boolValue ?? (value?.intValue === undefined ? undefined : Number(value.intValue));
}
