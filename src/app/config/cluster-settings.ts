import { ErrandError } from '../../core/errors.js';
import { assertPostgresUrl } from '../../store/postgres/connection/address.js';
import { type ListenAddress, parseListenAddress } from './listen-address.js';
import { invalidSetting } from './invalid-setting.js';
import { listOf, type Setting } from './setting.js';

/** What several processes on one database are told. */
export interface ClusterConfig {
  /** Where records live that several processes share; null: in the data folder, for one process. */
  readonly databaseUrl: string | null;
  /** The same database past a pooler, where notices of the other processes are heard; null: at `databaseUrl`. */
  readonly databaseListenUrl: string | null;
  /** Restate's ingress. */
  readonly restateUrl: string | null;
  readonly restateAdminUrl: string | null;
  /** Where this process listens for Restate's calls. */
  readonly restateListen: ListenAddress | null;
  /** Where Restate reaches all processes; null: at `restateListen`. */
  readonly restateAdvertise: string | null;
  readonly restateIdentityKeys: readonly string[];
}

function optional<T>(env: string, parse: Setting<T>['parse']): Setting<T | null> {
  return { env, flag: null, parse, fallback: null };
}

export const CLUSTER_SETTINGS = {
  databaseUrl: optional('ERRAND_DATABASE_URL', parseDatabaseUrl),
  databaseListenUrl: optional('ERRAND_DATABASE_LISTEN_URL', parseDatabaseUrl),
  restateUrl: optional('ERRAND_RESTATE_URL', parseHttpAddress),
  restateAdminUrl: optional('ERRAND_RESTATE_ADMIN_URL', parseHttpAddress),
  restateListen: optional('ERRAND_RESTATE_LISTEN', parseListenAddress),
  restateAdvertise: optional('ERRAND_RESTATE_ADVERTISE', parseHttpAddress),
  restateIdentityKeys: {
    env: 'ERRAND_RESTATE_IDENTITY_KEYS',
    flag: null,
    parse: listOf(parseIdentityKey),
    fallback: [],
  },
} satisfies { [K in keyof ClusterConfig]: Setting<ClusterConfig[K]> };

function parseDatabaseUrl(text: string, name: string): string {
  assertPostgresUrl(text, name);
  return text;
}

/** Of an address with a password nothing is shown. */
function parseHttpAddress(text: string, name: string): string {
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : null;
  if (url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.search === '') {
    return url.href.replace(/\/+$/, '');
  }
  throw new ErrandError('invalid_input', `${name} must be an http or https address without user name and query.`);
}

function parseIdentityKey(text: string, name: string): string {
  if (/^publickeyv1_\w{10,200}$/.test(text)) return text;
  throw invalidSetting(name, text, 'public keys of Restate with commas between them, as in publickeyv1_2G8dCQ…');
}

/** Throws `invalid_input` unless all that a cluster needs is there, or nothing of it is. */
export function assertCluster(config: ClusterConfig & { readonly secretKey: Buffer | null }): void {
  const needed = {
    ERRAND_DATABASE_URL: config.databaseUrl,
    ERRAND_RESTATE_URL: config.restateUrl,
    ERRAND_RESTATE_ADMIN_URL: config.restateAdminUrl,
    ERRAND_RESTATE_LISTEN: config.restateListen,
  };
  const given = Object.entries(needed).flatMap(([name, value]) => (value === null ? [] : [name]));
  const missing = Object.keys(needed).filter((name) => !given.includes(name));
  if (given.length === 0) return;
  if (missing.length > 0) {
    throw new ErrandError(
      'invalid_input',
      `${given.join(', ')} ${given.length === 1 ? 'is' : 'are'} set, but not ${missing.join(', ')}: several processes ` +
        'need both Postgres for their records and Restate for who drives what; one process needs none of it.',
    );
  }
  if (config.secretKey !== null) return;
  throw new ErrandError(
    'invalid_input',
    'ERRAND_SECRET_KEY must be set, to the same key for all processes that share a database: `openssl rand -base64 32`.',
  );
}
