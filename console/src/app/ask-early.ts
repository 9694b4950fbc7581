import type { QueryClient } from '@tanstack/react-query';
import { consoleUrl } from '../api/client.js';
import { graphQuery, runHeadQuery, runQuery, sessionQuery } from '../api/queries.js';
import { readRunSearch } from './run-search.js';

/** Asks for who is signed in and, for them, what the screen at the address shows first, while it is being loaded. */
export async function askEarly(queries: QueryClient): Promise<void> {
  await queries.prefetchQuery(sessionQuery);
  const runId = readRunId(location.pathname);
  if (runId === null || (queries.getQueryData(sessionQuery.queryKey) ?? null) === null) return;
  const { view } = readRunSearch(Object.fromEntries(new URLSearchParams(location.search)));
  // A log begins without the nodes.
  if (view === 'log') return queries.prefetchQuery(runHeadQuery(runId));
  const run = queries.prefetchQuery(runQuery(runId));
  if (view === 'graph') await queries.prefetchQuery(graphQuery(runId));
  await run;
}

function readRunId(path: string): string | null {
  const root = new URL(consoleUrl).pathname;
  const [, runId] = (path.startsWith(root) && /^\/runs\/([^/]+)$/.exec(path.slice(root.length))) || [];
  return runId ?? null;
}
