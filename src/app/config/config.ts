import { LOG_LEVELS, type LogLevel } from '../../core/ports/logger.js';
import type { Durability } from '../../core/ports/store/store.js';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { parseKnownClient, type KnownClient } from '../../auth/oauth/known-clients.js';
import { parseAccessRule, type AccessRule } from '../../auth/oidc/access-rules.js';
import { parseSecretKey } from '../../auth/secret-box.js';
import { CONTENT_POLICIES, type ContentPolicy } from '../../core/models/content-policy.js';
import { MAX_KEPT_RUNS } from '../../core/run/retention.js';
import { ErrandError } from '../../core/errors.js';
import type { HostRule } from '../../outbound/host-rules.js';
import { assertCluster, CLUSTER_SETTINGS, type ClusterConfig } from './cluster-settings.js';
import { readEnvironment, type RawSettings } from './environment.js';
import { KEEP_SETTINGS, type KeepConfig } from './keep-settings.js';
import { parseListenAddress, type ListenAddress } from './listen-address.js';
import { parseAge, parseExpressionTime, parseSilence } from './parse-times.js';
import { listOf, readSettings, type Setting } from './setting.js';
import { invalidSetting } from './invalid-setting.js';
import { parseHostRules } from './wire-outbound.js';
import { PUBLISHED_CODE, type PublishedCodeRule } from '../../core/handlers/published-code.js';
import { HANDLER_ISOLATIONS, type HandlerIsolation } from '../../core/workflow/definition.js';
import { HOST_RANGES, type HostRange } from '../../core/ports/outbound.js';
import { EXPRESSION_TIME_MS } from '../../workflow/template/jsonata.js';

/** The data folder when nothing is said. */
export const DEFAULT_DATA = '.errand';

/** Of a worker for handlers, when nothing is said. */
export const WORKER_MEMORY_MB = 512;
export const WORKER_SILENCE_MS = 30_000;

/** Every setting of the server, checked and frozen. */
export interface Config extends KeepConfig, ClusterConfig {
  readonly host: string;
  /** `0` takes a free port. */
  readonly port: number;
  /** Absolute path of the data folder. */
  readonly dataDir: string;
  /** Absolute path of the folder that workflows are loaded from. */
  readonly workflowsDir: string;
  readonly logLevel: LogLevel;
  /** The address that clients reach the server at, without a final slash; null when it is the one it listens on. */
  readonly publicUrl: string | null;
  /**
   * Host names that the server answers to beside its own, in lower case and without port. `*` stands for every name.
   */
  readonly allowedHosts: readonly string[];
  /**
   * Whose pages may call it: `https://app.example`; `*`: everybody's. Empty: everybody's on a public address, those on
   * loopback otherwise.
   */
  readonly allowedOrigins: readonly string[];
  /** Whether people can sign in for clients (OAuth), beside keys. */
  readonly oauth: 'on' | 'off';
  /** Clients that can neither register nor show a document. */
  readonly oauthClients: readonly KnownClient[];
  /** The identity provider of the company, whose people sign in without a key; null: none. */
  readonly oidcIssuer: string | null;
  readonly oidcClientId: string | null;
  readonly oidcClientSecret: string | null;
  /** Who of its people is of which organization, and in which role. */
  readonly oidcAccess: readonly AccessRule[];
  /** Addresses and networks of proxies whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  /** The first key, chosen by whoever deploys. */
  readonly bootstrapKey: string | null;
  /** The monthly credits of the organization `default` when it is first made. */
  readonly bootstrapCredits: number;
  /** The day of the month on which billing cycles begin. */
  readonly billingDay: number;
  /** Calls of mutating tools that contract B allows a key within a minute. */
  readonly mutatingCallsPerMinute: number;
  /** Every other call that the server allows a key within a minute. */
  readonly callsPerMinute: number;
  /**
   * Calls that the server allows an organization within a minute, over all its keys; null: ten times `callsPerMinute`.
   */
  readonly callsPerMinutePerOrganization: number | null;
  /** `full`: what is acknowledged survives a power cut. `relaxed`: it survives a crash of the process. */
  readonly durability: Durability;
  /** How many runs are driven at the same time; more wait. */
  readonly maxActiveRuns: number;
  /** At so many deaths of the process while it was at work a run fails; 0: never. */
  readonly maxCrashes: number;
  /** How many nodes work at the same time, over all runs; null: no limit. */
  readonly maxActiveNodes: number | null;
  /** The same for one organization, unless it has limits of its own. */
  readonly maxActiveRunsPerOrganization: number | null;
  readonly maxActiveNodesPerOrganization: number | null;
  /** How long an expression may compute, in milliseconds. */
  readonly expressionTimeMs: number;
  /** Where the handlers of workflows run that do not say so themselves. */
  readonly isolation: HandlerIsolation;
  /** Whose code is taken out of the store. */
  readonly publishedCode: PublishedCodeRule;
  /** How many workers run handlers; null: as many as there are cores, and at least two. */
  readonly workers: number | null;
  readonly workerMemoryMb: number;
  /** How long a worker may not answer, in milliseconds. */
  readonly workerSilenceMs: number;
  /** How long ended runs are kept, in milliseconds, and how many of each status for an organization; null: all. */
  readonly keepRunsForMs: number | null;
  readonly keepRuns: number | null;
  /** What the alias `default` stands for, best first, with commas between them; null: what models.yaml says. */
  readonly defaultModel: string | null;
  /** The file with the prices of models; null: those that come with the program. */
  readonly modelPrices: string | null;
  /** What is kept of what models are asked and answer, and of what their tools give. */
  readonly modelContent: ContentPolicy;
  /** Where files for models are fetched from by this server. */
  readonly modelFiles: HostRange;
  /** Where nodes may go that do not say so themselves, and what they may ask all the same. */
  readonly outboundHosts: HostRange;
  readonly outboundAllow: readonly HostRule[];
  /** Where metrics are told without a key, beside `/metrics` with one; null: nowhere. */
  readonly metrics: ListenAddress | null;
  /** What secrets are encrypted with; null: the key in the data folder. */
  readonly secretKey: Buffer | null;
  /** The folder with a file for each secret; null: none. */
  readonly secretsDir: string | null;
  /** Where the keys and addresses of providers of models, and what else the workflows folder names, are looked up. */
  readonly environment: RawSettings;
}

const SETTINGS = {
  host: setting('ERRAND_HOST', 'host', parseHost, '127.0.0.1'),
  port: setting('ERRAND_PORT', 'port', wholeNumber(0, 65_535), 8787),
  dataDir: setting('ERRAND_DATA', 'data', parsePath, resolve(DEFAULT_DATA)),
  workflowsDir: setting('ERRAND_WORKFLOWS', 'workflows', parsePath, resolve('workflows')),
  logLevel: setting<LogLevel>('ERRAND_LOG_LEVEL', 'logLevel', oneOf(LOG_LEVELS), 'warn'),
  publicUrl: setting<string | null>('ERRAND_PUBLIC_URL', 'publicUrl', parseUrl, null),
  allowedHosts: setting<readonly string[]>('ERRAND_ALLOWED_HOSTS', 'allowedHosts', listOf(parseHostName), []),
  allowedOrigins: setting<readonly string[]>('ERRAND_ALLOWED_ORIGINS', 'allowedOrigins', listOf(parseOrigin), []),
  oauth: setting<'on' | 'off'>('ERRAND_OAUTH', null, oneOf<'on' | 'off'>(['on', 'off'], 'on or off'), 'on'),
  oauthClients: setting<readonly KnownClient[]>('ERRAND_OAUTH_CLIENTS', null, listOf(parseClient), []),
  oidcIssuer: setting<string | null>('ERRAND_OIDC_ISSUER', null, parseIssuer, null),
  oidcClientId: setting<string | null>('ERRAND_OIDC_CLIENT_ID', null, (text) => text.trim(), null),
  oidcClientSecret: setting<string | null>('ERRAND_OIDC_CLIENT_SECRET', null, (text) => text.trim(), null),
  oidcAccess: setting<readonly AccessRule[]>('ERRAND_OIDC_ACCESS', null, listOf(parseAccess), []),
  trustedProxies: setting<readonly string[]>('ERRAND_TRUSTED_PROXIES', null, listOf(parseNetwork), []),
  bootstrapKey: setting<string | null>('ERRAND_BOOTSTRAP_KEY', null, (text) => text, null),
  bootstrapCredits: setting('ERRAND_BOOTSTRAP_CREDITS', null, wholeNumber(0, 1_000_000_000), 1_000),
  billingDay: setting('ERRAND_BILLING_DAY', null, wholeNumber(1, 31), 1),
  mutatingCallsPerMinute: setting('ERRAND_MUTATING_CALLS_PER_MINUTE', null, wholeNumber(1, 1_000_000), 10),
  callsPerMinute: setting('ERRAND_CALLS_PER_MINUTE', null, wholeNumber(1, 100_000_000), 600_000),
  callsPerMinutePerOrganization: setting<number | null>(
    'ERRAND_CALLS_PER_MINUTE_PER_ORGANIZATION',
    null,
    wholeNumber(1, 1_000_000_000),
    null,
  ),
  durability: setting<Durability>(
    'ERRAND_DURABILITY',
    'durability',
    oneOf<Durability>(['full', 'relaxed'], 'full or relaxed'),
    'full',
  ),
  maxCrashes: setting('ERRAND_MAX_CRASHES', null, wholeNumber(0, 1_000), 3),
  maxActiveRuns: setting('ERRAND_MAX_ACTIVE_RUNS', null, wholeNumber(1, 1_000_000), 500),
  maxActiveNodes: limit('ERRAND_MAX_ACTIVE_NODES'),
  maxActiveRunsPerOrganization: limit('ERRAND_MAX_ACTIVE_RUNS_PER_ORGANIZATION'),
  maxActiveNodesPerOrganization: limit('ERRAND_MAX_ACTIVE_NODES_PER_ORGANIZATION'),
  expressionTimeMs: setting('ERRAND_EXPRESSION_TIME', null, parseExpressionTime, EXPRESSION_TIME_MS),
  isolation: setting<HandlerIsolation>('ERRAND_ISOLATION', null, oneOf(HANDLER_ISOLATIONS), 'process'),
  publishedCode: setting<PublishedCodeRule>('ERRAND_PUBLISHED_CODE', null, oneOf(PUBLISHED_CODE), 'off'),
  workers: setting<number | null>('ERRAND_WORKERS', null, wholeNumber(1, 256), null),
  workerMemoryMb: setting('ERRAND_WORKER_MEMORY_MB', null, wholeNumber(32, 1_000_000), WORKER_MEMORY_MB),
  workerSilenceMs: setting('ERRAND_WORKER_SILENCE', null, parseSilence, WORKER_SILENCE_MS),
  keepRunsForMs: setting<number | null>('ERRAND_KEEP_RUNS_FOR', null, parseAge, null),
  keepRuns: setting<number | null>('ERRAND_KEEP_RUNS', null, wholeNumber(0, MAX_KEPT_RUNS), null),
  defaultModel: setting<string | null>('ERRAND_DEFAULT_MODEL', null, parseModels, null),
  modelPrices: setting<string | null>('ERRAND_MODEL_PRICES', null, parseFile, null),
  modelContent: setting<ContentPolicy>('ERRAND_MODEL_CONTENT', null, oneOf(CONTENT_POLICIES), 'keep'),
  modelFiles: setting<HostRange>(
    'ERRAND_MODEL_FILES',
    'modelFiles',
    oneOf(HOST_RANGES, 'public, or any for internal addresses too'),
    'public',
  ),
  outboundHosts: setting<HostRange>(
    'ERRAND_OUTBOUND',
    null,
    oneOf(HOST_RANGES, 'public, or any for internal addresses too'),
    'any',
  ),
  outboundAllow: setting<readonly HostRule[]>('ERRAND_OUTBOUND_ALLOW', null, parseHostRules, []),
  metrics: setting<ListenAddress | null>('ERRAND_METRICS', null, parseListenAddress, null),
  secretKey: setting<Buffer | null>('ERRAND_SECRET_KEY', null, parseSecret, null),
  ...KEEP_SETTINGS,
  secretsDir: setting<string | null>('ERRAND_SECRETS_DIR', null, parsePath, null),
  ...CLUSTER_SETTINGS,
} satisfies { [K in Exclude<keyof Config, 'environment'>]: Setting<Config[K]> };

/** The names of all settings in the environment. */
export const SETTING_VARIABLES: readonly string[] = Object.values(SETTINGS).map(({ env }) => env);

/**
 * Flags win over the environment, which wins over the defaults. Throws `invalid_input` naming the setting that is
 * wrong.
 */
export function loadConfig(params: { readonly env: RawSettings; readonly flags?: RawSettings }): Config {
  const environment = readEnvironment(params.env);
  const read = <T>({ env, flag, parse, fallback }: Setting<T>): T => {
    const fromFlag = flag === null ? undefined : params.flags?.[flag];
    if (flag !== null && fromFlag !== undefined) return parse(fromFlag, `--${kebab(flag)}`);
    const fromEnv = environment[env];
    return fromEnv === undefined ? fallback : parse(fromEnv, env);
  };
  const config: Config = { ...readSettings<Omit<Config, 'environment'>>(SETTINGS, read), environment };
  assertCluster(config);
  return Object.freeze(config);
}

function setting<T>(env: string, flag: string | null, parse: Setting<T>['parse'], fallback: T): Setting<T> {
  return { env, flag, parse, fallback };
}

function limit(env: string): Setting<number | null> {
  return setting<number | null>(env, null, wholeNumber(1, 1_000_000), null);
}

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function wholeNumber(least: number, most: number) {
  return (text: string, name: string): number => {
    const value = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw invalidSetting(name, text, `a whole number from ${least} to ${most}`);
  };
}

function oneOf<T extends string>(known: readonly T[], words = `one of ${known.join(', ')}`) {
  return (text: string, name: string): T => {
    const value = known.find((each) => each === text.trim().toLowerCase());
    if (value !== undefined) return value;
    throw invalidSetting(name, text, words);
  };
}

function parseHost(text: string, name: string): string {
  const host = text.trim();
  if (isIP(host) !== 0 || /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(host)) return host;
  throw invalidSetting(name, text, 'an address or host name to listen on, like 127.0.0.1 or 0.0.0.0');
}

function parsePath(text: string, name: string): string {
  if (text.trim() === '' || text.includes('\0')) throw invalidSetting(name, text, 'the path of a folder');
  return resolve(text);
}

function parseFile(text: string, name: string): string {
  if (text.trim() === '' || text.includes('\0')) throw invalidSetting(name, text, 'the path of a file');
  return resolve(text);
}

function parseModels(text: string, name: string): string {
  if (text.split(',').every((model) => /^\S+\/\S+$/.test(model.trim()))) return text;
  throw invalidSetting(name, text, 'provider/model, as in openai/gpt-5-mini, or several with commas between them');
}

/** What was given is not shown: it may be a key with one character too many. */
function parseSecret(text: string, name: string): Buffer {
  const key = parseSecretKey(text);
  if (key !== null) return key;
  throw new ErrandError(
    'invalid_input',
    `${name} must be 32 bytes in base64 or hexadecimal digits, as \`openssl rand -base64 32\` prints them.`,
  );
}

function parseUrl(text: string, name: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.search === '') {
    return url.href.replace(/\/+$/, '');
  }
  throw invalidSetting(name, text, 'an http or https address without user name and query');
}

/** A port says nothing here and is left out. */
function parseHostName(text: string, name: string): string {
  const url = URL.canParse(`http://${text}`) ? new URL(`http://${text}`) : null;
  if (text === '*') return text;
  if (url !== null && url.pathname === '/' && url.href === `http://${url.host}/` && url.hostname !== '')
    return url.hostname;
  throw invalidSetting(name, text, 'host names with commas between them, as in errand.example,10.0.0.5, or *');
}

/** As it stands in what the provider publishes, to the letter. */
function parseIssuer(text: string, name: string): string {
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : null;
  if (url !== null && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '') return text.trim();
  throw invalidSetting(name, text, 'the https address of an OpenID Connect provider');
}

function parseClient(text: string, name: string): KnownClient {
  const client = parseKnownClient(text);
  if (client !== null) return client;
  throw invalidSetting(
    name,
    text,
    'clients with commas between them, each an id and its redirect URIs, as in copilot=https://host.example/callback',
  );
}

function parseAccess(text: string, name: string): AccessRule {
  const rule = parseAccessRule(text);
  if (rule !== null) return rule;
  throw invalidSetting(
    name,
    text,
    'rules with commas between them, as in groups=staff->acme:run, of the roles read, run, approve and manage',
  );
}

function parseNetwork(text: string, name: string): string {
  const [address = '', bits, ...rest] = text.split('/');
  const most = isIP(address) === 6 ? 128 : 32;
  const isNetwork = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most);
  if (isIP(address) !== 0 && isNetwork && rest.length === 0) return text;
  throw invalidSetting(name, text, 'addresses and networks with commas between them, as in 127.0.0.1,10.0.0.0/8');
}

function parseOrigin(text: string, name: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (text === '*' || text === 'null') return text;
  if (url !== null && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`) return url.origin;
  throw invalidSetting(
    name,
    text,
    'origins with commas between them, as in https://app.example,http://localhost:3000, or *',
  );
}
