import type { Mail, MailBody, MailStore } from '../../../core/ports/store/drive-store.js';
import { decodeText, encodeText } from '../../rows/text.js';
import { plannedOnceAnywhere } from '../connection/prepared.js';
import { first, type Sql } from '../connection/sql.js';

interface MailRow {
  readonly id: string;
  readonly organization_id: string;
  readonly run_id: string;
  readonly at: number;
  readonly body: string;
  readonly is_given: boolean;
}

const INSERT = plannedOnceAnywhere(`
  INSERT INTO run_mail (id, organization_id, run_id, at, body, is_given)
  SELECT id, organization_id, run_id, at, body, false
  FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[])
    AS mail (id, organization_id, run_id, at, body)`);
const LIST_OF_RUNS = `
  SELECT * FROM run_mail WHERE verdict IS NULL AND run_id = ANY($1::text[]) ORDER BY id LIMIT $2`;
const LIST_ALL = 'SELECT * FROM run_mail WHERE verdict IS NULL ORDER BY id LIMIT $1';
const MARK_GIVEN = 'UPDATE run_mail SET is_given = $2 WHERE id = ANY($1::text[])';
const SETTLE = 'UPDATE run_mail SET verdict = $2 WHERE id = $1 AND verdict IS NULL';
const FIND_VERDICT = 'SELECT verdict FROM run_mail WHERE id = $1';
const REMOVE = 'DELETE FROM run_mail WHERE id = ANY($1::text[])';
const PURGE = 'DELETE FROM run_mail WHERE verdict IS NOT NULL AND at < $1';

export const runMailTable = {
  async send(sql: Sql, mail: Parameters<MailStore['send']>[0]): Promise<void> {
    await sql.run(INSERT, [
      mail.map(({ id }) => id),
      mail.map(({ organizationId }) => encodeText(organizationId)),
      mail.map(({ runId }) => encodeText(runId)),
      mail.map(({ at }) => at),
      mail.map(({ body }) => JSON.stringify(body)),
    ]);
  },

  async list(sql: Sql, { runIds, limit }: Parameters<MailStore['list']>[0]): Promise<Mail[]> {
    const rows =
      runIds === null ? await sql.all(LIST_ALL, [limit]) : await sql.all(LIST_OF_RUNS, [runIds.map(encodeText), limit]);
    return (rows as MailRow[]).map((row) => ({
      id: row.id,
      organizationId: decodeText(row.organization_id),
      runId: decodeText(row.run_id),
      at: row.at,
      body: JSON.parse(row.body) as MailBody,
      isRepeated: row.is_given,
    }));
  },

  async markGiven(sql: Sql, { ids, isGiven }: Parameters<MailStore['markGiven']>[0]): Promise<void> {
    await sql.run(MARK_GIVEN, [ids, isGiven]);
  },

  async settle(sql: Sql, { id, verdict }: Parameters<MailStore['settle']>[0]): Promise<void> {
    await sql.run(SETTLE, [id, verdict]);
  },

  async findVerdict(sql: Sql, { id }: { readonly id: string }): Promise<string | null | undefined> {
    const row = (await first(sql, FIND_VERDICT, [id])) as { verdict: string | null } | undefined;
    return row?.verdict;
  },

  async remove(sql: Sql, { ids }: { readonly ids: readonly string[] }): Promise<void> {
    await sql.run(REMOVE, [ids]);
  },

  async purge(sql: Sql, { before }: { readonly before: number }): Promise<void> {
    await sql.run(PURGE, [before]);
  },
};
