import type { ReactNode } from 'react';
import { formatAgo, formatDuration, formatLocal } from '../format/format.js';
import { useNow } from '../format/use-now.js';

/** A time as it is here; in UTC for who points at it. */
export function Moment({ at, relative = false }: { readonly at: string; readonly relative?: boolean }): ReactNode {
  return relative ? (
    <RelativeMoment at={at} />
  ) : (
    <time dateTime={at} title={`${at} (UTC)`} className="whitespace-nowrap">
      {formatLocal(at)}
    </time>
  );
}

function RelativeMoment({ at }: { readonly at: string }): ReactNode {
  const now = useNow();
  return (
    <time dateTime={at} title={`${formatLocal(at)}\n${at} (UTC)`} className="whitespace-nowrap">
      {formatAgo(at, now)}
    </time>
  );
}

/** How long something took, or has taken so far. */
export function Took({ from, to }: { readonly from: string; readonly to: string | null }): ReactNode {
  return to === null ? <SoFar from={from} /> : <>{formatDuration(Math.max(0, Date.parse(to) - Date.parse(from)))}</>;
}

function SoFar({ from }: { readonly from: string }): ReactNode {
  const now = useNow();
  return <>{formatDuration(Math.max(0, now - Date.parse(from)))}</>;
}
