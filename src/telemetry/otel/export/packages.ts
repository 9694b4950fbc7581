/**
 * What is used of OpenTelemetry's packages, which are no part of this program. They are loaded where they are installed,
 * and nothing of them but what exports, and what describes the server.
 */
import { createRequire } from 'node:module';
import type { TelemetrySettings } from '../read-settings.js';

type Signal = keyof TelemetrySettings['exporters'];

/** As the exporters of all signals have it. Code 0: it was sent. */
export interface Exporter {
  export(data: unknown, done: (result: { readonly code: number; readonly error?: Error }) => void): void;
  /** Of metrics only: 0 for what has come since the last time, 1 for what has come altogether. */
  selectAggregationTemporality?(instrument: string): number;
  shutdown(): Promise<void>;
}

export interface Resource {
  merge(other: Resource): Resource;
  waitForAsyncAttributes?(): Promise<void>;
}

interface Resources {
  defaultResource(): Resource;
  detectResources(config: { readonly detectors: readonly unknown[] }): Resource;
  readonly [detector: string]: unknown;
}

type Constructor = new () => Exporter;
type Loaded = { readonly [name: string]: Constructor };

const OTLP_NAMES = { traces: 'OTLPTraceExporter', metrics: 'OTLPMetricExporter', logs: 'OTLPLogExporter' } as const;
const CONSOLE_NAMES = {
  traces: ['sdk-trace-base', 'ConsoleSpanExporter'],
  metrics: ['sdk-metrics', 'ConsoleMetricExporter'],
  logs: ['sdk-logs', 'ConsoleLogRecordExporter'],
} as const;
const PACKAGE_NAMES = { traces: 'trace', metrics: 'metrics', logs: 'logs' } as const;
const ENDINGS = { 'http/protobuf': 'proto', 'http/json': 'http', grpc: 'grpc' } as const;

/** `sdk`: the file at which OpenTelemetry's SDK starts. */
export class OtelPackages {
  readonly #require: NodeJS.Require;

  constructor(sdk: string) {
    this.#require = createRequire(sdk);
  }

  /** Each reads its own variables: where the collector is, headers, certificates. */
  exporters(signal: Signal, { exporters, protocols }: Pick<TelemetrySettings, 'exporters' | 'protocols'>) {
    return exporters[signal].map((name): Exporter => {
      const [folder, constructor] =
        name === 'console'
          ? CONSOLE_NAMES[signal]
          : [`exporter-${PACKAGE_NAMES[signal]}-otlp-${ENDINGS[protocols[signal]]}`, OTLP_NAMES[signal]];
      const { [constructor]: Found } = this.#require(`@opentelemetry/${folder}`) as Loaded;
      if (Found === undefined) throw new Error(`@opentelemetry/${folder} has no ${constructor}`);
      return new Found();
    });
  }

  /** What the server is, as variables and the machine say. */
  async resource(detectors: readonly string[]): Promise<Resource> {
    const resources = this.#require('@opentelemetry/resources') as Resources;
    const named = detectors.flatMap((name) => {
      const { [`${name === 'serviceinstance' ? 'serviceInstanceId' : name}Detector`]: detector } = resources;
      return detector === undefined ? [] : [detector];
    });
    const resource = resources.defaultResource().merge(resources.detectResources({ detectors: named }));
    await resource.waitForAsyncAttributes?.();
    return resource;
  }
}
