import type { DriveStore, MailStore } from '../../core/ports/store/drive-store.js';
import type { Sql } from './connection/sql.js';
import { runDrives } from './tables/run-drives.js';
import { runMailTable } from './tables/run-mail-table.js';

/** How calls reach the tables. */
export type Ask = <T>(call: (sql: Sql) => Promise<T>) => Promise<T>;

export function driveRecords(ask: Ask): DriveStore {
  return {
    claim: (params) => ask((sql) => runDrives.claim(sql, params)),
    claimAgain: (params) => ask((sql) => runDrives.claimAgain(sql, params)),
    release: (params) => ask((sql) => runDrives.release(sql, params)),
    part: (params) => ask((sql) => runDrives.part(sql, params)),
    listHeld: (params) => ask((sql) => runDrives.listHeld(sql, params)),
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
