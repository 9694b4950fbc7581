import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type { ApiRun } from '@api/api-types.js';
import { applyApiEvent } from '@api/client/apply-api-event.js';
import { runQuery } from '../../api/queries.js';
import { RunFeed, type FeedView } from './run-feed.js';

/** How often what keeps a run back is asked for. */
const WAITS_MS = 5_000;

export interface LiveRun {
  /** Undefined before it has come. */
  readonly run: ApiRun | undefined;
  readonly error: unknown;
  readonly feed: FeedView;
  /** Reads the run and its log again, after something was done to it. */
  readonly refresh: () => void;
}

/** A run as it stands, kept up by its events; what only the server can tell is read again at its end. */
export function useRun(runId: string): LiveRun {
  const queries = useQueryClient();
  const { data: read, error } = useQuery({
    ...runQuery(runId),
    // What a run waits for is no event.
    refetchInterval: ({ state }) => (state.data?.terminal === false ? WAITS_MS : false),
  });
  const [feed] = useState(() => new RunFeed(runId));
  useEffect(() => feed.start(), [feed]);
  const view = useSyncExternalStore(feed.subscribe, feed.getView);
  const run = useFolded(read, view);
  const hasEnded = view.state === 'ended' && read !== undefined && read.version < (view.events.at(-1)?.seq ?? 0);
  useEffect(() => {
    if (hasEnded) void queries.invalidateQueries({ queryKey: ['run', runId] });
  }, [hasEnded, queries, runId]);
  const refresh = (): void => {
    void queries.invalidateQueries({ queryKey: ['run', runId] });
    feed.resume();
  };
  return { run, error, feed: view, refresh };
}

/** Each event is folded once, though the list of them is a new one each time. */
function useFolded(read: ApiRun | undefined, { events }: FeedView): ApiRun | undefined {
  const last = useRef<ApiRun | undefined>(undefined);
  return useMemo(() => {
    if (read === undefined) return undefined;
    let run = last.current !== undefined && last.current.version > read.version ? last.current : read;
    for (const event of events.slice(findAfter(events, run.version))) run = applyApiEvent(run, event);
    last.current = run;
    return run;
  }, [read, events]);
}

/** Sequence numbers have no gaps: the place of the first event after `seq`. */
function findAfter(events: FeedView['events'], seq: number): number {
  const first = events[0]?.seq ?? 1;
  return Math.max(0, seq - first + 1);
}
