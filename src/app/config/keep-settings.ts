import { resolve } from 'node:path';
import { parseAge, parseInterval } from './parse-times.js';
import { invalidSetting } from './invalid-setting.js';
import type { Setting } from './setting.js';

/** How long what is kept beside runs, and what is backed up. */
export interface KeepConfig {
  /** Of audit trails; null: for ever. */
  readonly keepAuditForMs: number | null;
  /** Whether they have each run that somebody starts. */
  readonly auditStarts: 'on' | 'off';
  /** Where backups are put: the absolute path of a folder, or `s3://bucket/prefix`; null: none are made. */
  readonly backupTo: string | null;
  readonly backupEveryMs: number;
  /** How many backups are kept. */
  readonly backupKeep: number;
  /** Of a store that speaks S3; null: that of AWS. */
  readonly s3Endpoint: string | null;
  readonly s3Region: string | null;
  readonly s3AccessKeyId: string | null;
  readonly s3SecretAccessKey: string | null;
}

const MAX_BACKUPS = 10_000;

export const KEEP_SETTINGS = {
  keepAuditForMs: { env: 'ERRAND_KEEP_AUDIT_FOR', flag: null, parse: parseAge, fallback: null },
  auditStarts: { env: 'ERRAND_AUDIT_STARTS', flag: null, parse: parseSwitch, fallback: 'off' },
  backupTo: { env: 'ERRAND_BACKUP_TO', flag: null, parse: parsePlace, fallback: null },
  backupEveryMs: { env: 'ERRAND_BACKUP_EVERY', flag: null, parse: parseInterval, fallback: 86_400_000 },
  backupKeep: { env: 'ERRAND_BACKUP_KEEP', flag: null, parse: parseCount, fallback: 14 },
  s3Endpoint: { env: 'ERRAND_S3_ENDPOINT', flag: null, parse: parseEndpoint, fallback: null },
  s3Region: { env: 'ERRAND_S3_REGION', flag: null, parse: parseText, fallback: null },
  s3AccessKeyId: { env: 'ERRAND_S3_ACCESS_KEY_ID', flag: null, parse: parseText, fallback: null },
  s3SecretAccessKey: { env: 'ERRAND_S3_SECRET_ACCESS_KEY', flag: null, parse: parseText, fallback: null },
} satisfies { [K in keyof KeepConfig]: Setting<KeepConfig[K]> };

/** Three letters to 63, as buckets are named. */
const S3_ADDRESS = /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/|$)/;

function parsePlace(text: string, name: string): string {
  if (S3_ADDRESS.test(text)) return text;
  const isFolder = text.trim() !== '' && !text.includes('\0') && !/^[a-z0-9]+:\/\//i.test(text);
  if (!isFolder) throw invalidSetting(name, text, 'the path of a folder, or s3://bucket/folder');
  return resolve(text);
}

function parseEndpoint(text: string, name: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isAddress = url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.search === '';
  if (isAddress) return text;
  throw invalidSetting(name, text, 'the address of a store, as in https://s3.example.com, without a bucket');
}

function parseSwitch(text: string, name: string): 'on' | 'off' {
  const word = text.trim();
  if (word === 'on' || word === 'off') return word;
  throw invalidSetting(name, text, 'on or off');
}

function parseText(text: string): string {
  return text;
}

function parseCount(text: string, name: string): number {
  const count = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (count >= 1 && count <= MAX_BACKUPS) return count;
  throw invalidSetting(name, text, `a whole number from 1 to ${MAX_BACKUPS}`);
}
