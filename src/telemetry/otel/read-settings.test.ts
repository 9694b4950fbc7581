import { describe, expect, it } from 'vitest';
import { readTelemetrySettings } from './read-settings.js';

const read = (env: Readonly<Record<string, string>>) => readTelemetrySettings(env, () => 0);
const OTEL_EXPORTER_OTLP_ENDPOINT = 'http://127.0.0.1:4318';

describe('the variables of OpenTelemetry', () => {
  it('ask for nothing where they are not given, are empty, or switch it off', () => {
    for (const env of [
      {},
      { OTEL_EXPORTER_OTLP_ENDPOINT: '' },
      { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SDK_DISABLED: 'true' },
      { OTEL_TRACES_EXPORTER: 'none' },
    ]) {
      expect(read(env)).toBeNull();
    }
  });

  it('say what is exported, how, and in which batches', () => {
    expect(
      read({
        OTEL_EXPORTER_OTLP_ENDPOINT,
        OTEL_LOGS_EXPORTER: 'none',
        OTEL_METRICS_EXPORTER: 'otlp,console',
        OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
        OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json',
        OTEL_BSP_SCHEDULE_DELAY: '50',
        OTEL_BSP_MAX_QUEUE_SIZE: '100',
        OTEL_PROPAGATORS: 'b3, tracecontext',
      }),
    ).toMatchObject({
      exporters: { traces: ['otlp'], metrics: ['otlp', 'console'], logs: [] },
      protocols: { traces: 'http/json', metrics: 'grpc', logs: 'grpc' },
      batches: { traces: { delayMs: 50, maxBatch: 100, maxQueue: 100 }, logs: { delayMs: 1_000, maxBatch: 512 } },
      metricsEveryMs: 60_000,
      propagators: ['b3', 'tracecontext'],
    });
  });

  it('are named where they cannot be read', () => {
    for (const [env, said] of [
      [{ OTEL_TRACES_SAMPLER: 'xray' }, 'OTEL_TRACES_SAMPLER is "xray", which is none of: always_on,'],
      [{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '7' }, 'OTEL_TRACES_SAMPLER_ARG is "7"'],
      [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'carrier-pigeon' }, 'OTEL_EXPORTER_OTLP_PROTOCOL is "carrier-pigeon"'],
      [{ OTEL_METRIC_EXPORT_INTERVAL: 'soon' }, 'OTEL_METRIC_EXPORT_INTERVAL is "soon"'],
      [{ OTEL_PROPAGATORS: 'smoke' }, 'OTEL_PROPAGATORS is "smoke"'],
    ] as const) {
      expect(() => read({ OTEL_EXPORTER_OTLP_ENDPOINT, ...env })).toThrow(said);
    }
  });
});
