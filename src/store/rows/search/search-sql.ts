import type { SearchRunsQuery } from '../../../core/ports/store/run-store.js';
import type { RunStatus } from '../../../core/run/run.js';
import { encodeText } from '../text.js';
import { idRange, type SearchPart, type SearchWay } from './run-search.js';

const LISTED = [
  'id',
  'organization_id',
  'workflow_id',
  'workflow_version',
  'workflow_name',
  'status',
  'version',
  'credits_reserved',
  'credits_consumed',
  'agent_count',
  'created_at',
  'started_at',
  'completed_at',
  'origin',
  'outcome',
];

/** In what the stores differ. */
export interface Dialect {
  /** How a statement names its n-th value, from 1 on. */
  readonly mark: (n: number) => string;
  /** What stands behind the table of runs, so that a part is found in its index. */
  readonly hint: (part: Extract<SearchPart, { kind: 'runs' }>) => string;
  /** A condition that an index of only some runs asks for besides. */
  readonly condition: (status: RunStatus) => string | null;
}

export interface SearchSql {
  readonly text: string;
  readonly values: readonly (string | number)[];
}

interface PartParams {
  readonly query: SearchRunsQuery;
  readonly part: SearchPart;
  readonly dialect: Dialect;
}

/** The id of the run that comes after so many in a part; no row when there are not so many. */
export function probeSql(params: PartParams & { readonly skip: number }): SearchSql {
  const { query, part, skip } = params;
  const sql = new SqlText(params.dialect);
  const { from, id, conditions } = sql.scan(query, part, null);
  const text = `SELECT ${id} AS id FROM ${from} WHERE ${conditions.join(' AND ')} ORDER BY ${id} DESC LIMIT 1 OFFSET ${sql.mark(skip)}`;
  return { text, values: sql.values };
}

/** The newest runs of a part that fit the rest, one more than the limit where there are more. */
export function selectSql(
  params: PartParams & { readonly rest: SearchWay['rest']; readonly floor: string | null },
): SearchSql {
  const { query, part, rest, floor } = params;
  const sql = new SqlText(params.dialect);
  const { from, id, conditions } = sql.scan(query, part, floor);
  const joined = part.kind === 'term' ? `${from} CROSS JOIN runs r` : from;
  const all = [
    ...conditions,
    ...(part.kind === 'term' ? [`r.id = ${id}`, `r.organization_id = ${sql.text(query.organizationId)}`] : []),
    ...sql.rest(query, rest),
  ];
  const columns = LISTED.map((column) => `r.${column}`).join(', ');
  const text = `SELECT ${columns} FROM ${joined} WHERE ${all.join(' AND ')} ORDER BY ${id} DESC LIMIT ${sql.mark(query.limit + 1)}`;
  return { text, values: sql.values };
}

class SqlText {
  readonly values: (string | number)[] = [];
  readonly #dialect: Dialect;

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  mark(value: string | number): string {
    return this.#dialect.mark(this.values.push(value));
  }

  text(value: string): string {
    return this.mark(encodeText(value));
  }

  /** Where a part is found, in the order of the ids. */
  scan(query: SearchRunsQuery, part: SearchPart, floor: string | null) {
    const isTerm = part.kind === 'term';
    const id = isTerm ? 's.run_id' : 'r.id';
    const from = isTerm ? 'run_terms s' : `runs r${this.#dialect.hint(part)}`;
    const conditions = [`${isTerm ? 's' : 'r'}.organization_id = ${this.text(query.organizationId)}`];
    if (isTerm) conditions.push(`s.term = ${this.text(part.term)}`);
    else conditions.push(...this.#ofRuns(part));
    const { least, below } = idRange(query, floor);
    if (least !== null) conditions.push(`${id} >= ${this.text(least)}`);
    if (below !== null) conditions.push(`${id} < ${this.text(below)}`);
    return { from, id, conditions };
  }

  #ofRuns({ status, workflowId }: Extract<SearchPart, { kind: 'runs' }>): string[] {
    const conditions: string[] = [];
    if (workflowId !== null) conditions.push(`r.workflow_id = ${this.text(workflowId)}`);
    if (status === null) return conditions;
    conditions.push(`r.status = ${this.mark(status)}`);
    const more = this.#dialect.condition(status);
    return more === null ? conditions : [...conditions, more];
  }

  rest(query: SearchRunsQuery, { statuses, workflowId, terms }: SearchWay['rest']): string[] {
    const conditions: string[] = [];
    if (statuses.length > 0) conditions.push(`r.status IN (${statuses.map((one) => this.mark(one)).join(', ')})`);
    if (workflowId !== null) conditions.push(`r.workflow_id = ${this.text(workflowId)}`);
    if (query.createdFrom !== null) conditions.push(`r.created_at >= ${this.mark(query.createdFrom)}`);
    if (query.createdBefore !== null) conditions.push(`r.created_at < ${this.mark(query.createdBefore)}`);
    for (const [index, term] of terms.entries()) conditions.push(this.#hasTerm(query, term, `t${index}`));
    return conditions;
  }

  #hasTerm({ organizationId }: SearchRunsQuery, term: string, name: string): string {
    return (
      `EXISTS (SELECT 1 FROM run_terms ${name} WHERE ${name}.organization_id = ${this.text(organizationId)} ` +
      `AND ${name}.term = ${this.text(term)} AND ${name}.run_id = r.id)`
    );
  }
}
