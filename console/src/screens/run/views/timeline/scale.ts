import { useEffect, useState } from 'react';
import type { ApiRun } from '@api/api-types.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const LENGTHS = [
  ...[2, 5, 10, 20, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 20, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12].map((count) => count * HOUR),
  DAY,
];
/** A timer of browsers holds no more than 24 days. */
const MAX_TIMER_MS = DAY;

/** The time that the timeline shows, in milliseconds since 1970. */
export interface Scale {
  readonly from: number;
  readonly to: number;
  /** Whether the run goes on: now is between the two. */
  readonly isLive: boolean;
}

export function scaleOfEnded(run: ApiRun, end: number): Scale {
  const from = Date.parse(run.created_at);
  return { from, to: Math.max(end, from + 1), isLive: false };
}

/** Of a run that goes on. It gives another object only when time has come to its end, or the run is another. */
export function useLiveScale(run: ApiRun): Scale {
  const from = Date.parse(run.created_at);
  const [scale, setScale] = useState(() => liveScale(from));
  useEffect(() => {
    const left = Math.max(0, scale.to - Date.now());
    const timer = setTimeout(() => setScale(liveScale(from)), Math.min(left, MAX_TIMER_MS));
    return () => clearTimeout(timer);
  }, [scale, from]);
  return scale;
}

function liveScale(from: number): Scale {
  return { from, to: from + lengthAfter(Date.now() - from), isLive: true };
}

/** A round length of time that leaves room for what comes. */
function lengthAfter(elapsed: number): number {
  const wanted = elapsed * 1.1;
  return LENGTHS.find((length) => length > wanted) ?? Math.ceil((elapsed * 1.25) / DAY) * DAY;
}
