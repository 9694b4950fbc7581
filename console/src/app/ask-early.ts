import type { QueryClient } from '@tanstack/react-query';
import { consoleUrl } from '../api/client.js';
import { graphQuery, runHeadQuery, runQuery, sessionQuery } from '../api/queries.js';
import { readRunSearch } from './run-search.js';

/**
 * Asks for who is signed in and for what the screen at the address shows first, while it is being loaded. Nobody who is
 * not signed in is told anything.
 */
export function askEarly(queries: QueryClient): void {
  void queries.prefetchQuery(sessionQuery);
  const runId = readRunId(location.pathname);
  if (runId === null) return;
  const { view } = readRunSearch(Object.fromEntries(new URLSearchParams(location.search)));
  if (view === 'graph') {
    void queries.prefetchQuery(graphQuery(runId));
    // What cannot be loaded is told where it is shown.
    import('../screens/run/views/graph/graph.js')
      .then(({ prepareGraph }) => prepareGraph(undefined))
      .catch(() => undefined);
  }
  // A log begins without the nodes.
  if (view === 'log') void queries.prefetchQuery(runHeadQuery(runId));
  else void queries.prefetchQuery(runQuery(runId));
}

function readRunId(path: string): string | null {
  const root = new URL(consoleUrl).pathname;
  const [, runId] = (path.startsWith(root) && /^\/runs\/([^/]+)$/.exec(path.slice(root.length))) || [];
  return runId ?? null;
}
