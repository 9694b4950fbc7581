import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ErrandError, errorMessage } from '../../core/errors.js';
import { findPackage } from '../../models/catalogue/find-package.js';
import { createTelemetry, type Telemetry } from '../../telemetry/otel/create-telemetry.js';
import type { Otel } from '../../telemetry/otel/otel.js';
import { SpanIds } from '../../telemetry/otel/span-ids.js';
import type { RawSettings } from '../config/environment.js';
import { readVersion } from './version.js';

const SDK = '@opentelemetry/sdk-node';
const SIGNALS = ['TRACES', 'METRICS', 'LOGS'] as const;
/** How long the end of the server waits for what was not sent. */
const CLOSE_MS = 5_000;

/**
 * Starts OpenTelemetry's SDK where its variables ask for it; null when they do not. It is no part of this program: it is
 * looked for in the given folders and in those above them. Throws `invalid_input` when it is asked
 * for and is not there.
 */
export async function openTelemetry(params: {
  readonly env: RawSettings;
  readonly folders: readonly string[];
}): Promise<Telemetry | null> {
  const { env } = params;
  const exporters = chooseExporters(env);
  if (exporters === null) return null;
  const entry = findPackage(SDK, params.folders);
  if (entry === null) throw missing(params.folders);
  // The SDK reads the variables of the process.
  Object.assign(process.env, defaultsOf(env), exporters);
  const ids = new SpanIds();
  const { sdk, otel } = await start(entry, ids);
  return createTelemetry({ otel, ids, close: () => closeWithin(sdk, CLOSE_MS) });
}

/** By variable, what the signals are exported by; null when none is. */
function chooseExporters(env: RawSettings): { readonly [variable: string]: string } | null {
  if (env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true') return null;
  const exporters: { [variable: string]: string } = {};
  let isAsked = false;
  for (const signal of SIGNALS) {
    const { [`OTEL_${signal}_EXPORTER`]: named } = env;
    const endpoint = env[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`] ?? env['OTEL_EXPORTER_OTLP_ENDPOINT'];
    const exporter = named ?? (endpoint === undefined ? 'none' : 'otlp');
    exporters[`OTEL_${signal}_EXPORTER`] = exporter;
    if (exporter !== 'none') isAsked = true;
  }
  return isAsked ? exporters : null;
}

/** The arguments of the process are left out of what is told of it: they may hold secrets. */
function defaultsOf(env: RawSettings): { readonly [variable: string]: string } {
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

interface Sdk {
  start(): void;
  shutdown(): Promise<void>;
}

interface SdkModule {
  readonly NodeSDK: new (options: { readonly idGenerator: SpanIds; readonly instrumentations: readonly [] }) => Sdk;
}

async function start(entry: URL, ids: SpanIds): Promise<{ readonly sdk: Sdk; readonly otel: Otel }> {
  try {
    const loaded = (await import(entry.href)) as SdkModule & { readonly default?: SdkModule };
    const { NodeSDK } = loaded.default ?? loaded;
    // The same copies as the SDK has.
    const require = createRequire(entry);
    const otel: Otel = {
      api: require('@opentelemetry/api') as Otel['api'],
      apiLogs: require('@opentelemetry/api-logs') as Otel['apiLogs'],
      version: readVersion(),
    };
    const sdk = new NodeSDK({ idGenerator: ids, instrumentations: [] });
    sdk.start();
    return { sdk, otel };
  } catch (error) {
    const message = `OpenTelemetry's SDK in ${dirname(fileURLToPath(entry))} cannot be started: ${errorMessage(error)}.`;
    throw new ErrandError('unavailable', message, { cause: error });
  }
}

async function closeWithin(sdk: Sdk, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([sdk.shutdown().catch(() => undefined), late]);
  clearTimeout(timer);
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
