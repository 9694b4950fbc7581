import type { BulkJob } from '../../../../core/bulk/bulk-job.js';
import type { BulkStore } from '../../../../core/ports/store/bulk/bulk-store.js';
import { type BulkJobRow, fromBulkJobRow, toBulkJobRow } from '../../../rows/bulk/bulk-rows.js';
import { missingOrganization } from '../../../rows/missing-organization.js';
import { encodeText } from '../../../rows/text.js';
import { ConstraintError, type SqliteConnection } from '../../connection/connection.js';

const INSERT = `
  INSERT INTO bulk_jobs (id, organization_id, wanted, status, progress, created_at, updated_at, ended_at, free_at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const FIND_FREE = `
  SELECT * FROM bulk_jobs WHERE status = 'running' AND free_at <= ? ORDER BY free_at, id LIMIT 1`;
const SAVE = `
  UPDATE bulk_jobs SET progress = ?, updated_at = ?, free_at = ?, status = ?, ended_at = ?
  WHERE id = ? AND organization_id = ? AND owner = ? AND status = 'running'`;
const STOP = `
  UPDATE bulk_jobs SET status = 'stopped', updated_at = ?, ended_at = ?
  WHERE id = ? AND organization_id = ? AND status = 'running'`;
const PRUNE = `
  DELETE FROM bulk_jobs WHERE organization_id = ? AND status <> 'running' AND id NOT IN (
    SELECT id FROM bulk_jobs WHERE organization_id = ? ORDER BY id DESC LIMIT ?)`;

type Given<Name extends keyof BulkStore> = Parameters<BulkStore[Name]>[0];

export class BulkJobsTable {
  readonly #db: SqliteConnection;

  constructor(db: SqliteConnection) {
    this.#db = db;
  }

  insert(job: BulkJob): void {
    const { id, organization_id, wanted, status, progress, created_at, updated_at, ended_at } = toBulkJobRow(job);
    const times = [created_at, updated_at, ended_at, created_at] as const;
    try {
      this.#db.run(INSERT, id, organization_id, wanted, status, progress, ...times);
    } catch (error) {
      if (error instanceof ConstraintError && error.kind === 'foreign_key')
        throw missingOrganization(job.organizationId, error);
      throw error;
    }
  }

  get({ organizationId, id }: Given<'get'>): BulkJob | null {
    const sql = 'SELECT * FROM bulk_jobs WHERE id = ? AND organization_id = ?';
    const row = this.#db.get(sql, id, encodeText(organizationId)) as BulkJobRow | undefined;
    return row === undefined ? null : fromBulkJobRow(row);
  }

  list({ organizationId, limit }: Given<'list'>): BulkJob[] {
    const sql = 'SELECT * FROM bulk_jobs WHERE organization_id = ? ORDER BY id DESC LIMIT ?';
    return (this.#db.all(sql, encodeText(organizationId), limit) as BulkJobRow[]).map(fromBulkJobRow);
  }

  countRunning({ organizationId }: Given<'countRunning'>): number {
    const sql = "SELECT count(*) AS n FROM bulk_jobs WHERE organization_id = ? AND status = 'running'";
    return (this.#db.get(sql, encodeText(organizationId)) as { readonly n: number }).n;
  }

  claim({ owner, now, until }: Given<'claim'>): BulkJob | null {
    const row = this.#db.get(FIND_FREE, now) as BulkJobRow | undefined;
    if (row === undefined) return null;
    this.#db.run('UPDATE bulk_jobs SET owner = ?, free_at = ? WHERE id = ?', owner, until, row.id);
    return fromBulkJobRow(row);
  }

  save({ organizationId, id, owner, progress, now, until, isOver }: Given<'save'>): boolean {
    const state = [until, isOver ? 'completed' : 'running', isOver ? now : null] as const;
    const which = [id, encodeText(organizationId), owner] as const;
    return this.#db.run(SAVE, JSON.stringify(progress), now, ...state, ...which) > 0;
  }

  stop({ organizationId, id, at }: Given<'stop'>): boolean {
    return this.#db.run(STOP, at, at, id, encodeText(organizationId)) > 0;
  }

  prune({ organizationId, keep }: Given<'prune'>): void {
    const owner = encodeText(organizationId);
    this.#db.run(PRUNE, owner, owner, keep);
  }
}
