import type { ReactNode } from 'react';
import { formatAgo, formatClock, formatDuration, formatMoment, inBothZones } from '../format/format.js';
import { useTimeZone } from '../format/time-zone.js';
import { useNow } from '../format/use-now.js';

/** A time in the zone that is chosen; in both for who points at it. */
export function Moment({
  at,
  relative = false,
  clock = false,
}: {
  readonly at: string;
  /** How long ago it was, in its place. */
  readonly relative?: boolean;
  /** Without the day. */
  readonly clock?: boolean;
}): ReactNode {
  return (
    <time dateTime={at} title={inBothZones(at)} className="whitespace-nowrap">
      {relative ? <Ago at={at} /> : <Shown at={at} clock={clock} />}
    </time>
  );
}

function Shown({ at, clock }: { readonly at: string; readonly clock: boolean }): ReactNode {
  const zone = useTimeZone();
  return clock ? formatClock(at, zone) : formatMoment(at, zone);
}

function Ago({ at }: { readonly at: string }): ReactNode {
  return formatAgo(at, useNow());
}

/** How long something took, or has taken so far. */
export function Took({ from, to }: { readonly from: string; readonly to: string | null }): ReactNode {
  return to === null ? <SoFar from={from} /> : <>{formatDuration(Math.max(0, Date.parse(to) - Date.parse(from)))}</>;
}

function SoFar({ from }: { readonly from: string }): ReactNode {
  const now = useNow();
  return <>{formatDuration(Math.max(0, now - Date.parse(from)))}</>;
}
