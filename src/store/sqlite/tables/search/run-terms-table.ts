import { AFTER_OUTCOME_TERMS, OUTCOME_TERMS, type RunTerm } from '../../../../core/search/run-terms.js';
import type { RunKey } from '../../../../core/ports/store/run-store.js';
import type { SqliteConnection } from '../../connection/connection.js';
import { encodeText } from '../../connection/text.js';

const INSERT = 'INSERT INTO run_terms (organization_id, term, run_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING';
const CLEAR_OUTCOME = `
  DELETE FROM run_terms WHERE run_id = ? AND organization_id = ? AND term >= '${OUTCOME_TERMS}' AND term < '${AFTER_OUTCOME_TERMS}'`;

/** What runs are found by. */
export class RunTermsTable {
  readonly #db: SqliteConnection;

  constructor(db: SqliteConnection) {
    this.#db = db;
  }

  insert({ organizationId, runId }: RunKey, terms: readonly RunTerm[]): void {
    for (const term of terms) this.#db.run(INSERT, encodeText(organizationId), encodeText(term), encodeText(runId));
  }

  clearOutcome({ organizationId, runId }: RunKey): void {
    this.#db.run(CLEAR_OUTCOME, encodeText(runId), encodeText(organizationId));
  }
}
