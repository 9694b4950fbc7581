import type { ReactNode } from 'react';
import type { ApiTrendSpan } from '@api/overview-types.js';
import { formatDuration } from '../../format/format.js';
import { text } from '../../text/en.js';

const t = text.overview;
const WIDTH = 120;
const HEIGHT = 28;
/** There is room for so many spans; the newest is always on the right. */
const PLACES = 10;
const STEP = WIDTH / PLACES;
/** Fewer spans show no way that things go. */
const MIN_SPANS = 2;

/** The same few pictures for each workflow, so that they can be held beside each other: the oldest runs on the left. */
export function Multiples({ spans }: { readonly spans: readonly ApiTrendSpan[] }): ReactNode {
  if (spans.length < MIN_SPANS) return null;
  const shares = spans.map(({ ended, completed }) => (ended === 0 ? null : completed / ended));
  const halves = spans.map(({ duration_seconds: duration }) => duration?.p50 ?? null);
  const most = spans.map(({ duration_seconds: duration }) => duration?.p95 ?? null);
  const credits = spans.map((span) => span.credits);
  const shown = (seconds: number | null): string => (seconds === null ? '–' : formatDuration(seconds * 1_000));
  return (
    <dl className="grid grid-cols-3 gap-3 text-xs text-soft">
      <Multiple name={t.multiples.success} label={t.multiples.successes(shares.map(percent))}>
        {shares.map((share, place) => (
          <Bar
            key={place}
            place={place + PLACES - spans.length}
            share={share ?? 0}
            color="stroke-(--state) state-completed"
          />
        ))}
      </Multiple>
      <Multiple name={t.multiples.times} label={t.multiples.timesOf(halves.map(shown), most.map(shown))}>
        <Line values={most} highest={highestOf(most)} look="stroke-edge" />
        <Line values={halves} highest={highestOf(most)} look="stroke-link" />
      </Multiple>
      <Multiple name={t.multiples.credits} label={t.multiples.creditsOf(credits.map(String))}>
        {credits.map((value, place) => (
          <Bar
            key={place}
            place={place + PLACES - spans.length}
            share={value / highestOf(credits)}
            color="stroke-edge"
          />
        ))}
      </Multiple>
    </dl>
  );
}

function Multiple({
  name,
  label,
  children,
}: {
  readonly name: string;
  readonly label: string;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <div className="min-w-0">
      <dt>{name}</dt>
      <dd>
        <svg
          role="img"
          aria-label={label}
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
          className="h-7 w-full"
          fill="none"
        >
          <title>{label}</title>
          <path d={`M0 ${HEIGHT - 0.5}H${WIDTH}`} className="stroke-line" vectorEffect="non-scaling-stroke" />
          {children}
        </svg>
      </dd>
    </div>
  );
}

function Bar({
  place,
  share,
  color,
}: {
  readonly place: number;
  readonly share: number;
  readonly color: string;
}): ReactNode {
  const x = STEP * (place + 0.5);
  return (
    <path
      d={`M${x} ${HEIGHT}V${HEIGHT - Math.max(1, share * HEIGHT)}`}
      className={`state ${color}`}
      strokeWidth={STEP * 0.7}
    />
  );
}

/** Breaks where there is no value. */
function Line({
  values,
  highest,
  look,
}: {
  readonly values: readonly (number | null)[];
  readonly highest: number;
  readonly look: string;
}): ReactNode {
  const first = PLACES - values.length;
  const points = values.map((value, place) => {
    if (value === null) return '';
    const start = place === 0 || values[place - 1] === null ? 'M' : 'L';
    return `${start}${(STEP * (first + place + 0.5)).toFixed(1)} ${(HEIGHT - 1 - (value / highest) * (HEIGHT - 3)).toFixed(1)}`;
  });
  return <path d={points.join('')} className={look} strokeWidth="1.5" vectorEffect="non-scaling-stroke" />;
}

function highestOf(values: readonly (number | null)[]): number {
  return Math.max(Number.MIN_VALUE, ...values.map((value) => value ?? 0));
}

function percent(share: number | null): string {
  return share === null ? '–' : `${Math.round(share * 100)} %`;
}
