import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState, useMemo, useSyncExternalStore } from 'react';
import type { ApiRun } from '@api/api-types.js';
import { applyApiEvents } from '@api/client/apply-api-event.js';
import { afterPaint } from '../../format/after-paint.js';
import { runHeadQuery, runQuery } from '../../api/queries.js';
import { RunFeed, type FeedView } from './run-feed.js';

/** How often what keeps a run back is asked for. */
const WAITS_MS = 5_000;
/** The same of each node, where they are many. */
const SLOW_WAITS_MS = 60_000;
const MANY_NODES = 500;

/** A run that has not come by then is large: its head is shown first. */
const HEAD_MS = 150;

export interface LiveRun {
  /** Undefined before it has come. */
  readonly run: ApiRun | undefined;
  /** It without its nodes, which comes sooner where they are many. */
  readonly head: ApiRun | undefined;
  readonly error: unknown;
  readonly feed: FeedView;
  /** Reads the run and its log again, after something was done to it. */
  readonly refresh: () => void;
}

/**
 * A run as it stands, kept up by its events; what only the server can tell is read again at its end. `isLogFirst`: the
 * nodes come after the beginning of the log.
 */
export function useRun(runId: string, isLogFirst: boolean): LiveRun {
  const queries = useQueryClient();
  const [feed] = useState(() => new RunFeed(runId));
  const view = useSyncExternalStore(feed.subscribe, feed.getView);
  const hasLog = view.events.length > 0 || view.state !== 'loading';
  const { data: read, error } = useQuery({
    ...runQuery(runId),
    enabled: !isLogFirst || hasLog,
    // What a run waits for is no event.
    refetchInterval: ({ state }) => (state.data?.terminal === false ? waitsMsOf(state.data) : false),
  });
  const isLarge = read !== undefined && waitsMsOf(read) > WAITS_MS;
  const isLate = useLate(HEAD_MS) && read === undefined;
  const { data: head } = useQuery({
    ...runHeadQuery(runId),
    enabled: isLogFirst || isLate || isLarge,
    refetchInterval: ({ state }) => (isLarge && state.data?.terminal === false ? WAITS_MS : false),
  });
  useEffect(() => feed.start(), [feed]);
  const hasCome = read !== undefined || error !== null;
  useEffect(() => (hasCome ? afterPaint(feed.readOn) : undefined), [feed, hasCome]);
  const folded = useFolded(read, view);
  const run = useMemo(() => withWaits(folded, head), [folded, head]);
  const hasEnded = view.state === 'ended' && read !== undefined && read.version < (view.events.at(-1)?.seq ?? 0);
  useEffect(() => {
    if (hasEnded) void queries.invalidateQueries({ queryKey: ['run', runId] });
  }, [hasEnded, queries, runId]);
  const refresh = (): void => {
    void queries.invalidateQueries({ queryKey: ['run', runId] });
    feed.resume();
  };
  return { run, head: run ?? head, error, feed: view, refresh };
}

function waitsMsOf({ nodes }: ApiRun): number {
  return nodes.length > MANY_NODES ? SLOW_WAITS_MS : WAITS_MS;
}

/** Whether this has been shown for so long. */
function useLate(ms: number): boolean {
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), ms);
    return () => clearTimeout(timer);
  }, [ms]);
  return isLate;
}

/** What the run waits for, as it was told last. */
function withWaits(run: ApiRun | undefined, head: ApiRun | undefined): ApiRun | undefined {
  if (run === undefined || head === undefined || run.terminal || run.nodes.length <= MANY_NODES) return run;
  return run.waiting_for === head.waiting_for ? run : { ...run, waiting_for: head.waiting_for };
}

/** Each event is folded once, though the list of them is a new one each time. */
function useFolded(read: ApiRun | undefined, { events }: FeedView): ApiRun | undefined {
  const last = useRef<ApiRun | undefined>(undefined);
  return useMemo(() => {
    if (read === undefined) return undefined;
    const known = last.current !== undefined && last.current.version > read.version ? last.current : read;
    const run = applyApiEvents(known, events.slice(findAfter(events, known.version)));
    last.current = run;
    return run;
  }, [read, events]);
}

/** Sequence numbers have no gaps: the place of the first event after `seq`. */
function findAfter(events: FeedView['events'], seq: number): number {
  const first = events[0]?.seq ?? 1;
  return Math.max(0, seq - first + 1);
}
