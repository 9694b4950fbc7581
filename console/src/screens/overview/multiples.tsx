import type { ReactNode } from 'react';
import type { ApiTrendSpan } from '@api/overview-types.js';
import { highestOf, SmallBars, SmallChart, SmallLine } from '../../design/small-chart.js';
import { formatSeconds } from '../../format/format.js';
import { text } from '../../text/en.js';

const t = text.overview;
/** There is room for so many spans; the newest is always on the right. */
const PLACES = 10;
/** Fewer spans show no way that things go. */
const MIN_SPANS = 2;

/** The same few pictures for each workflow, so that they can be held beside each other: the oldest runs on the left. */
export function Multiples({ spans }: { readonly spans: readonly ApiTrendSpan[] }): ReactNode {
  if (spans.length < MIN_SPANS) return null;
  const shares = spans.map(({ ended, completed }) => (ended === 0 ? null : completed / ended));
  const halves = spans.map(({ duration_seconds: duration }) => duration?.p50 ?? null);
  const most = spans.map(({ duration_seconds: duration }) => duration?.p95 ?? null);
  const credits = spans.map((span) => span.credits);
  const lines = { places: PLACES, highest: highestOf(most) };
  const bars = { places: PLACES, least: 1 };
  return (
    <dl className="grid grid-cols-3 gap-3 text-xs text-soft">
      <SmallChart name={t.multiples.success} label={t.multiples.successes(shares.map(percent))}>
        <SmallBars {...bars} values={shares} highest={1} look="state stroke-(--state) state-completed" />
      </SmallChart>
      <SmallChart
        name={t.multiples.times}
        label={t.multiples.timesOf(
          halves.map((half) => formatSeconds(half)),
          most.map((span) => formatSeconds(span)),
        )}
      >
        <SmallLine {...lines} values={most} look="stroke-edge" />
        <SmallLine {...lines} values={halves} look="stroke-link" />
      </SmallChart>
      <SmallChart name={t.multiples.credits} label={t.multiples.creditsOf(credits.map(String))}>
        <SmallBars {...bars} values={credits} highest={highestOf(credits)} look="stroke-edge" />
      </SmallChart>
    </dl>
  );
}

function percent(share: number | null): string {
  return share === null ? '–' : `${Math.round(share * 100)} %`;
}
