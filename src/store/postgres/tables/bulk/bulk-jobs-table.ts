import type { BulkJob } from '../../../../core/bulk/bulk-job.js';
import type { BulkStore } from '../../../../core/ports/store/bulk/bulk-store.js';
import { type BulkJobRow, fromBulkJobRow, toBulkJobRow } from '../../../rows/bulk/bulk-rows.js';
import { missingOrganization } from '../../../rows/missing-organization.js';
import { encodeText } from '../../../rows/text.js';
import { ConstraintError } from '../../connection/errors.js';
import { first, type Sql } from '../../connection/sql.js';

const INSERT = `
  INSERT INTO bulk_jobs (id, organization_id, wanted, status, progress, created_at, updated_at, ended_at, free_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $6)`;
const GET = 'SELECT * FROM bulk_jobs WHERE id = $1 AND organization_id = $2';
const LIST = 'SELECT * FROM bulk_jobs WHERE organization_id = $1 ORDER BY id DESC LIMIT $2';
const COUNT = "SELECT count(*) AS n FROM bulk_jobs WHERE organization_id = $1 AND status = 'running'";
const CLAIM = `
  UPDATE bulk_jobs SET owner = $1, free_at = $2 WHERE id = (
    SELECT id FROM bulk_jobs WHERE status = 'running' AND free_at <= $3 ORDER BY free_at, id LIMIT 1
    FOR UPDATE SKIP LOCKED)
  RETURNING *`;
const SAVE = `
  UPDATE bulk_jobs SET progress = $1, updated_at = $2, free_at = $3, status = $4, ended_at = $5
  WHERE id = $6 AND organization_id = $7 AND owner = $8 AND status = 'running'`;
const STOP = `
  UPDATE bulk_jobs SET status = 'stopped', updated_at = $1, ended_at = $1
  WHERE id = $2 AND organization_id = $3 AND status = 'running'`;
const PRUNE = `
  DELETE FROM bulk_jobs WHERE organization_id = $1 AND status <> 'running' AND id NOT IN (
    SELECT id FROM bulk_jobs WHERE organization_id = $1 ORDER BY id DESC LIMIT $2)`;

type Given<Name extends keyof BulkStore> = Parameters<BulkStore[Name]>[0];

export const bulkJobsTable = {
  async insert(sql: Sql, job: BulkJob): Promise<void> {
    const { id, organization_id, wanted, status, progress, created_at, updated_at, ended_at } = toBulkJobRow(job);
    try {
      await sql.run(INSERT, [id, organization_id, wanted, status, progress, created_at, updated_at, ended_at]);
    } catch (error) {
      if (error instanceof ConstraintError && error.kind === 'foreign_key')
        throw missingOrganization(job.organizationId, error);
      throw error;
    }
  },

  async get(sql: Sql, { organizationId, id }: Given<'get'>): Promise<BulkJob | null> {
    const row = await first(sql, GET, [id, encodeText(organizationId)]);
    return row === undefined ? null : fromBulkJobRow(row as BulkJobRow);
  },

  async list(sql: Sql, { organizationId, limit }: Given<'list'>): Promise<BulkJob[]> {
    return ((await sql.all(LIST, [encodeText(organizationId), limit])) as BulkJobRow[]).map(fromBulkJobRow);
  },

  async countRunning(sql: Sql, { organizationId }: Given<'countRunning'>): Promise<number> {
    return Number(((await first(sql, COUNT, [encodeText(organizationId)])) as { readonly n: unknown }).n);
  },

  async claim(sql: Sql, { owner, now, until }: Given<'claim'>): Promise<BulkJob | null> {
    const row = await first(sql, CLAIM, [owner, until, now]);
    return row === undefined ? null : fromBulkJobRow(row as BulkJobRow);
  },

  async save(sql: Sql, given: Given<'save'>): Promise<boolean> {
    const { organizationId, id, owner, progress, now, until, isOver } = given;
    const state = [until, isOver ? 'completed' : 'running', isOver ? now : null];
    const which = [id, encodeText(organizationId), owner];
    return (await sql.run(SAVE, [JSON.stringify(progress), now, ...state, ...which])) > 0;
  },

  async stop(sql: Sql, { organizationId, id, at }: Given<'stop'>): Promise<boolean> {
    return (await sql.run(STOP, [at, id, encodeText(organizationId)])) > 0;
  },

  async prune(sql: Sql, { organizationId, keep }: Given<'prune'>): Promise<void> {
    await sql.run(PRUNE, [encodeText(organizationId), keep]);
  },
};
