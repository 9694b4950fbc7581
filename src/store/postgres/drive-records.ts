import type { DriveStore, MailStore } from '../../core/ports/store/drive-store.js';
import { decodeText, encodeText } from '../rows/text.js';
import { plannedOnceAnywhere } from './connection/prepared.js';
import type { Sql } from './connection/sql.js';
import { CHANNEL } from './notices/postgres-notices.js';
import { runDrives } from './tables/run-drives.js';
import { runMailTable } from './tables/run-mail-table.js';

/** How calls reach the tables. */
export type Ask = <T>(call: (sql: Sql) => Promise<T>) => Promise<T>;

/** `commit`: likewise, with several statements all or nothing. */
export function driveRecords(ask: Ask, commit: Ask): DriveStore {
  return {
    claim: (params) => commit((sql) => runDrives.claim(sql, params)),
    claimAgain: (params) => ask((sql) => runDrives.claimAgain(sql, params)),
    release: (params) => ask((sql) => runDrives.release(sql, params)),
    part: (params) => ask((sql) => runDrives.part(sql, params)),
    listOverdue: (params) => ask((sql) => runDrives.listOverdue(sql, params)),
    listHeld: (params) => ask((sql) => runDrives.listHeld(sql, params)),
    listCalls: () => ask((sql) => runDrives.listCalls(sql)),
    abandon: (params) => ask((sql) => runDrives.abandon(sql, params)),
    listUnclaimed: (params) => ask((sql) => runDrives.listUnclaimed(sql, params)),
  };
}

export function mailRecords(ask: Ask): MailStore {
  return {
    send: (mail) => ask((sql) => runMailTable.send(sql, mail)),
    list: (params) => ask((sql) => runMailTable.list(sql, params)),
    markGiven: (params) => ask((sql) => runMailTable.markGiven(sql, params)),
    settle: (params) => ask((sql) => runMailTable.settle(sql, params)),
    findVerdict: (params) => ask((sql) => runMailTable.findVerdict(sql, params)),
    remove: (params) => ask((sql) => runMailTable.remove(sql, params)),
    purge: (params) => ask((sql) => runMailTable.purge(sql, params)),
  };
}

interface KnownProcess {
  readonly id: string;
  /** Host and process, for people. */
  readonly place: string;
  /** Its version. */
  readonly program: string;
  /** Versions by id. */
  readonly workflows: ReadonlyMap<string, number>;
}

type BeatingProcess = Omit<KnownProcess, 'workflows'> & { readonly workflows: KnownProcess['workflows'] | null };

/** What processes that share the records ask now and then, as a notice may have been lost. */
export interface SharedRecords {
  /** The versions of these runs, those that are gone aside. */
  readVersions(runIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Those of these keys and grants that were revoked. */
  listRevoked(ids: readonly string[]): Promise<readonly string[]>;
  /** Another text whenever a webhook was made, changed or deleted. */
  markWebhooks(): Promise<string>;
  /** Sends a text to all who listen on the channel. */
  notify(text: string): Promise<void>;
  /**
   * Says that a process is at work on the records, and with which workflows from its folder (null: not known yet). Gives
   * the others that have said so lately.
   */
  beat(process: BeatingProcess): Promise<readonly Pick<KnownProcess, 'id' | 'place' | 'workflows'>[]>;
  /** Those that have said so within the hour, and when they last did. */
  listProcesses(): Promise<readonly (Omit<KnownProcess, 'workflows'> & { readonly seenAt: number })[]>;
  /** That it is no longer. */
  leave(process: { readonly id: string }): Promise<void>;
}

const NOTIFY = plannedOnceAnywhere('SELECT pg_notify($1, $2)');
const VERSIONS = 'SELECT id, version FROM runs WHERE id = ANY($1::text[])';
const REVOKED = `
  SELECT id FROM api_keys WHERE id = ANY($1::text[]) AND revoked_at IS NOT NULL
  UNION ALL SELECT id FROM grants WHERE id = ANY($1::text[]) AND revoked_at IS NOT NULL`;
/** `xmin`: of the transaction that has written the row. */
const WEBHOOKS = `
  SELECT count(*) || ' ' || coalesce(sum(hashtextextended(id || ' ' || xmin::text, 0)), 0) AS mark FROM webhooks`;

const BEAT = `
  INSERT INTO processes (id, place, program, seen_at, workflows) VALUES ($1, $2, $3, now(), $4)
  ON CONFLICT (id) DO UPDATE SET seen_at = now(), workflows = excluded.workflows`;
const OTHERS = `
  SELECT id, place, workflows FROM processes
  WHERE id <> $1 AND seen_at > now() - interval '20 seconds' AND workflows <> '{}'`;
const LIST_PROCESSES = `
  SELECT id, place, program, (extract(epoch FROM seen_at) * 1000)::bigint AS "seenAt" FROM processes ORDER BY place, id`;
const FORGET = "DELETE FROM processes WHERE seen_at < now() - interval '1 hour'";

export function sharedRecords(ask: Ask): SharedRecords {
  return {
    readVersions: async (runIds) => {
      const rows = await ask((sql) => sql.all(VERSIONS, [runIds.map(encodeText)]));
      return new Map((rows as { id: string; version: number }[]).map(({ id, version }) => [decodeText(id), version]));
    },
    listRevoked: async (ids) => {
      const rows = await ask((sql) => sql.all(REVOKED, [ids.map(encodeText)]));
      return (rows as { id: string }[]).map(({ id }) => decodeText(id));
    },
    markWebhooks: async () => {
      const [row] = await ask((sql) => sql.all(WEBHOOKS));
      return (row as { readonly mark: string }).mark;
    },
    beat: async ({ id, place, program, workflows }) => {
      await ask((sql) => sql.run(BEAT, [id, place, program, toJson(workflows)]));
      await ask((sql) => sql.run(FORGET));
      const rows = await ask((sql) => sql.all(OTHERS, [id]));
      return (rows as { id: string; place: string; workflows: string }[]).map((row) => ({
        ...row,
        workflows: new Map(Object.entries(JSON.parse(decodeText(row.workflows)) as Record<string, number>)),
      }));
    },
    listProcesses: async () =>
      (await ask((sql) => sql.all(LIST_PROCESSES))) as Awaited<ReturnType<SharedRecords['listProcesses']>>,
    leave: async ({ id }) => void (await ask((sql) => sql.run('DELETE FROM processes WHERE id = $1', [id]))),
    notify: async (text) => void (await ask((sql) => sql.all(NOTIFY, [CHANNEL, text]))),
  };
}

function toJson(workflows: ReadonlyMap<string, number> | null): string {
  return encodeText(JSON.stringify(workflows === null ? {} : Object.fromEntries(workflows)));
}
