import { AFTER_OUTCOME_TERMS, OUTCOME_TERMS, type RunTerm } from '../../../../core/search/run-terms.js';
import type { RunKey } from '../../../../core/ports/store/run-store.js';
import { encodeText } from '../../../rows/text.js';
import type { Sql } from '../../connection/sql.js';

const INSERT = `
  INSERT INTO run_terms (organization_id, term, run_id)
  SELECT organization_id, term, run_id FROM unnest($1::text[], $2::text[], $3::text[]) AS made (organization_id, term, run_id)
  ON CONFLICT DO NOTHING`;
const CLEAR_OUTCOME = `
  DELETE FROM run_terms
  WHERE run_id = ANY($1::text[]) AND term >= '${OUTCOME_TERMS}' AND term < '${AFTER_OUTCOME_TERMS}'`;

/** A run, and what it is found by. */
export type TermsOfRun = RunKey & { readonly terms: readonly RunTerm[] };

export const runTermsTable = {
  async insert(sql: Sql, runs: readonly TermsOfRun[]): Promise<void> {
    const rows = runs.flatMap(({ organizationId, runId, terms }) =>
      terms.map((term) => [encodeText(organizationId), encodeText(term), encodeText(runId)] as const),
    );
    if (rows.length === 0) return;
    await sql.run(INSERT, [
      rows.map(([organizationId]) => organizationId),
      rows.map(([, term]) => term),
      rows.map((row) => row[2]),
    ]);
  },

  async clearOutcome(sql: Sql, runIds: readonly string[]): Promise<void> {
    await sql.run(CLEAR_OUTCOME, [runIds.map(encodeText)]);
  },
};
