import { ErrandError, type Problem } from '../../../core/errors.js';
import type { SearchRunsQuery } from '../../../core/ports/store/run-store.js';
import { findLabelProblems, METADATA_NAME } from '../../../core/search/labels.js';
import { fieldTerm, type RunTerm, tagTerm } from '../../../core/search/run-terms.js';
import { shorten } from '../../../core/text/cut-text.js';
import type { RunFilter } from '../../interface/run-filter.js';
import type { Catalog } from '../../state/catalog.js';

/** Tags and fields in one filter. */
export const MAX_FILTER_TERMS = 10;

type Filtered = Omit<SearchRunsQuery, 'organizationId' | 'beforeId' | 'limit' | 'looksAt'>;

/** What the store is asked for. Throws `invalid_input` for what no run can have. */
export function toQuery(
  { catalog }: { readonly catalog: Pick<Catalog, 'list'> },
  organizationId: string,
  filter: RunFilter,
): Filtered {
  const { statuses = [], workflowId = null, createdFrom = null, createdBefore = null, tags = [], fields = {} } = filter;
  const problems = [...findLabelProblems({ tags }), ...findFieldProblems(catalog, organizationId, filter)];
  const all = [...Object.entries(fields).map(([path, value]) => fieldTerm(path, value)), ...tags.map(tagTerm)];
  const terms: readonly RunTerm[] = [...new Set(all.map((term) => term.toWellFormed()))];
  if (terms.length > MAX_FILTER_TERMS) {
    problems.push({ path: '', message: `${terms.length} tags and fields are too many: at most ${MAX_FILTER_TERMS}` });
  }
  if (problems.length === 0) return { statuses, workflowId, createdFrom, createdBefore, terms };
  const list = problems.map(({ path, message }) => `${path} ${message}`.trim()).join('; ');
  throw new ErrandError('invalid_input', `No runs can be found so: ${list}.`, { problems });
}

const METADATA = 'metadata.';

/** A field that nobody declares would be found nowhere, which looks as if there were no such run. */
function findFieldProblems(
  catalog: Pick<Catalog, 'list'>,
  organizationId: string,
  { fields = {}, workflowId }: RunFilter,
): Problem[] {
  const paths = Object.keys(fields).filter(
    (path) => !path.startsWith(METADATA) || !METADATA_NAME.test(path.slice(METADATA.length)),
  );
  if (paths.length === 0) return [];
  const plans = catalog.list(organizationId).map(({ plan }) => plan);
  const those = workflowId === undefined ? plans : plans.filter((plan) => plan.workflowId === workflowId);
  const declared = new Set(those.flatMap(({ searchable }) => searchable));
  const whose =
    workflowId === undefined ? 'no workflow declares' : `workflow ${shorten(workflowId, 100)} does not declare`;
  const known = declared.size === 0 ? 'metadata.NAME' : `metadata.NAME, ${[...declared].toSorted().join(', ')}`;
  return paths
    .filter((path) => !declared.has(path))
    .map((path) => ({
      path: `/fields/${shorten(path, 100)}`,
      message: `is no field to find runs by, as ${whose} it as searchable; there are ${shorten(known, 1_000)}`,
    }));
}
