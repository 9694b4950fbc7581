import { ErrandError } from '../../core/errors.js';
import { PROPAGATORS, type PropagatorName } from './trace/propagation.js';
import type { RecorderOptions } from './trace/recorder.js';
import { createDefaultSampler, createSampler, SAMPLERS, type Sampler } from './trace/sampling.js';

const SIGNALS = ['traces', 'metrics', 'logs'] as const;
type Signal = (typeof SIGNALS)[number];

const EXPORTERS = ['otlp', 'console', 'none'] as const;
const PROTOCOLS = ['http/protobuf', 'http/json', 'grpc'] as const;

type Environment = { readonly [name: string]: string | undefined };

/** What the `OTEL_…` variables ask for. */
export interface TelemetrySettings {
  readonly exporters: { readonly [signal in Signal]: readonly ('otlp' | 'console')[] };
  readonly protocols: { readonly [signal in Signal]: (typeof PROTOCOLS)[number] };
  readonly batches: { readonly traces: RecorderOptions; readonly logs: RecorderOptions };
  readonly metricsEveryMs: number;
  readonly sampler: Sampler;
  readonly propagators: readonly PropagatorName[];
}

/** Null when nothing is asked for. Throws `invalid_input` for a variable that cannot be read. */
export function readTelemetrySettings(env: Environment, now: () => number): TelemetrySettings | null {
  if (env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true') return null;
  const exporters = bySignal((signal) => chooseExporters(env, signal));
  if (SIGNALS.every((signal) => exporters[signal].length === 0)) return null;
  return {
    exporters,
    protocols: bySignal((signal) => {
      const variable = `OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_PROTOCOL`;
      const name = textOf(env, variable) === undefined ? 'OTEL_EXPORTER_OTLP_PROTOCOL' : variable;
      return oneOf(env, name, PROTOCOLS) ?? 'http/protobuf';
    }),
    batches: { traces: readBatches(env, 'OTEL_BSP'), logs: readBatches(env, 'OTEL_BLRP') },
    metricsEveryMs: numberOf(env, 'OTEL_METRIC_EXPORT_INTERVAL', 60_000, 1),
    sampler: readSampler(env, now),
    propagators: listOf(env, 'OTEL_PROPAGATORS', PROPAGATORS) ?? ['tracecontext'],
  };
}

function bySignal<T>(read: (signal: Signal) => T): { readonly [signal in Signal]: T } {
  return { traces: read('traces'), metrics: read('metrics'), logs: read('logs') };
}

function chooseExporters(env: Environment, signal: Signal): readonly ('otlp' | 'console')[] {
  const upper = signal.toUpperCase();
  const named = listOf(env, `OTEL_${upper}_EXPORTER`, EXPORTERS);
  const endpoint = textOf(env, `OTEL_EXPORTER_OTLP_${upper}_ENDPOINT`) ?? textOf(env, 'OTEL_EXPORTER_OTLP_ENDPOINT');
  const chosen = named ?? (endpoint === undefined ? [] : ['otlp' as const]);
  return chosen.includes('none') ? [] : chosen.filter((name) => name !== 'none');
}

function readBatches(env: Environment, prefix: 'OTEL_BSP' | 'OTEL_BLRP'): RecorderOptions {
  const maxQueue = numberOf(env, `${prefix}_MAX_QUEUE_SIZE`, 8_192, 1);
  return {
    delayMs: numberOf(env, `${prefix}_SCHEDULE_DELAY`, 1_000, 0),
    maxBatch: Math.min(maxQueue, numberOf(env, `${prefix}_MAX_EXPORT_BATCH_SIZE`, 512, 1)),
    maxQueue,
  };
}

function readSampler(env: Environment, now: () => number): Sampler {
  const name = oneOf(env, 'OTEL_TRACES_SAMPLER', SAMPLERS);
  if (name === undefined) return createDefaultSampler(now);
  const ratio = name.endsWith('traceidratio') ? numberOf(env, 'OTEL_TRACES_SAMPLER_ARG', 1, 0) : 1;
  if (ratio > 1) throw wrong('OTEL_TRACES_SAMPLER_ARG', String(ratio), 'a number from 0 to 1');
  return createSampler(name, ratio);
}

/** An empty variable is none, as OpenTelemetry wants it. */
function textOf(env: Environment, name: string): string | undefined {
  const text = env[name]?.trim();
  return text === '' ? undefined : text;
}

function listOf<T extends string>(env: Environment, name: string, known: readonly T[]): readonly T[] | undefined {
  return textOf(env, name)
    ?.split(',')
    .map((part) => pick(name, part.trim(), known));
}

function oneOf<T extends string>(env: Environment, name: string, known: readonly T[]): T | undefined {
  const text = textOf(env, name);
  return text === undefined ? undefined : pick(name, text, known);
}

function pick<T extends string>(name: string, text: string, known: readonly T[]): T {
  const found = known.find((one) => one === text);
  if (found === undefined) throw wrong(name, text, known.join(', '));
  return found;
}

function numberOf(env: Environment, name: string, byDefault: number, min: number): number {
  const text = textOf(env, name);
  if (text === undefined) return byDefault;
  const number = Number(text);
  if (!Number.isFinite(number) || number < min) throw wrong(name, text, `a number from ${min} on`);
  return number;
}

function wrong(name: string, text: string, known: string): ErrandError {
  return new ErrandError('invalid_input', `${name} is ${JSON.stringify(text)}, which is none of: ${known}.`);
}
