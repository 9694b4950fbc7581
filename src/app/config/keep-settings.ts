import { resolve } from 'node:path';
import { parseAge, parseInterval } from './parse-times.js';
import { invalidSetting } from './invalid-setting.js';
import type { Setting } from './setting.js';

/** How long what is kept beside runs, and what is backed up. */
export interface KeepConfig {
  /** Of audit trails; null: for ever. */
  readonly keepAuditForMs: number | null;
  /** Absolute path of the folder that backups are put into; null: none are made. */
  readonly backupTo: string | null;
  readonly backupEveryMs: number;
  /** How many backups are kept. */
  readonly backupKeep: number;
}

const MAX_BACKUPS = 10_000;

export const KEEP_SETTINGS = {
  keepAuditForMs: { env: 'ERRAND_KEEP_AUDIT_FOR', flag: null, parse: parseAge, fallback: null },
  backupTo: { env: 'ERRAND_BACKUP_TO', flag: null, parse: parseFolder, fallback: null },
  backupEveryMs: { env: 'ERRAND_BACKUP_EVERY', flag: null, parse: parseInterval, fallback: 86_400_000 },
  backupKeep: { env: 'ERRAND_BACKUP_KEEP', flag: null, parse: parseCount, fallback: 14 },
} satisfies { [K in keyof KeepConfig]: Setting<KeepConfig[K]> };

export function readKeep(read: <T>(setting: Setting<T>) => T): KeepConfig {
  return {
    keepAuditForMs: read<number | null>(KEEP_SETTINGS.keepAuditForMs),
    backupTo: read<string | null>(KEEP_SETTINGS.backupTo),
    backupEveryMs: read(KEEP_SETTINGS.backupEveryMs),
    backupKeep: read(KEEP_SETTINGS.backupKeep),
  };
}

function parseFolder(text: string, name: string): string {
  if (text.trim() === '' || text.includes('\0')) throw invalidSetting(name, text, 'the path of a folder');
  return resolve(text);
}

function parseCount(text: string, name: string): number {
  const count = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (count >= 1 && count <= MAX_BACKUPS) return count;
  throw invalidSetting(name, text, `a whole number from 1 to ${MAX_BACKUPS}`);
}
