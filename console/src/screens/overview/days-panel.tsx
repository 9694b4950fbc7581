import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import type { ApiDays } from '@api/overview-types.js';
import { daysQuery } from '../../api/queries.js';
import { Button } from '../../design/button.js';
import { OutcomeFacts } from '../../design/outcome-facts.js';
import { Fact, Panel } from '../../design/panel.js';
import { highestOf, SmallBars, SmallChart, SmallLine, SmallTitles } from '../../design/small-chart.js';
import { Cell, Row, Table } from '../../design/table.js';
import { formatCost, formatModelCost, formatSeconds, hasModelCost } from '../../format/format.js';
import { text } from '../../text/en.js';

const t = text.days;
const SPANS = [7, 30, 90] as const;
/** From the bottom up. */
const OUTCOMES = ['completed', 'partial_complete', 'failed', 'cancelled'] as const;

type Day = ApiDays['days'][number];

/** What the runs of the last days came to, of one workflow or of all. Nothing before the first has ended. */
export function DaysPanel({ workflowId = null }: { readonly workflowId?: string | null }): ReactNode {
  const [days, setDays] = useState<number>(30);
  const { data } = useQuery(daysQuery({ workflowId, days }));
  if (data === undefined || data.since === null) return null;
  return (
    <Panel title={t.title} side={<Choice days={days} onChoose={setDays} />}>
      <div className="space-y-4">
        <Figures whole={data.whole} />
        <Charts days={data.days} />
        <details>
          <summary className="cursor-pointer text-sm">{t.asTable}</summary>
          <DaysTable days={data.days} />
        </details>
        <p className="text-sm text-soft">
          {t.about} {data.since > (data.days[0]?.day ?? '') && t.since(data.since)}
        </p>
      </div>
    </Panel>
  );
}

function Choice({ days, onChoose }: { readonly days: number; readonly onChoose: (days: number) => void }): ReactNode {
  return (
    <div role="group" aria-label={t.span} className="flex flex-wrap gap-1">
      {SPANS.map((span) => (
        <Button
          key={span}
          look={span === days ? 'plain' : 'quiet'}
          aria-pressed={span === days}
          onClick={() => onChoose(span)}
        >
          {t.days(span)}
        </Button>
      ))}
    </div>
  );
}

function Figures({ whole }: { readonly whole: ApiDays['whole'] }): ReactNode {
  const { duration_seconds: duration, credits } = whole;
  return (
    <dl className="flex flex-wrap gap-x-8 gap-y-2 text-sm">
      <OutcomeFacts outcomes={whole} />
      <Fact name={text.overview.half}>{formatSeconds(duration?.p50)}</Fact>
      <Fact name={text.overview.most}>{formatSeconds(duration?.p95)}</Fact>
      <Fact name={text.overview.credits}>{credits.toLocaleString()}</Fact>
      {hasModelCost(whole) && <Fact name={t.cost}>{formatModelCost(whole)}</Fact>}
    </dl>
  );
}

function Charts({ days }: { readonly days: readonly Day[] }): ReactNode {
  const places = days.length;
  const halves = days.map(({ duration_seconds: duration }) => duration?.p50 ?? null);
  const most = days.map(({ duration_seconds: duration }) => duration?.p95 ?? null);
  const titles = days.map(tellDay);
  const lines = { places, highest: highestOf(most) };
  return (
    <dl className="grid grid-cols-[repeat(auto-fit,minmax(min(16rem,100%),1fr))] gap-4 text-xs text-soft">
      <SmallChart tall name={t.ended} label={t.endedOf(days.map(({ ended }) => ended))}>
        {OUTCOMES.map((status, index) => (
          <SmallBars
            key={status}
            places={places}
            values={days.map((day) => day[status])}
            above={days.map((day) => OUTCOMES.slice(0, index).reduce((sum, below) => sum + day[below], 0))}
            highest={highestOf(days.map(({ ended }) => ended))}
            look={`state stroke-(--state) state-${status}`}
          />
        ))}
        <SmallTitles titles={titles} />
      </SmallChart>
      <SmallChart
        tall
        name={text.overview.multiples.times}
        label={t.timesOf(
          halves.map((half) => formatSeconds(half)),
          most.map((span) => formatSeconds(span)),
        )}
      >
        <SmallLine {...lines} values={most} look="stroke-edge" />
        <SmallLine {...lines} values={halves} look="stroke-link" />
        <SmallTitles titles={titles} />
      </SmallChart>
      <Bars name={text.overview.credits} days={days} titles={titles} valueOf={({ credits }) => credits} />
      {days.some(hasModelCost) && (
        <Bars name={t.cost} days={days} titles={titles} valueOf={({ cost_usd: cost }) => cost} format={formatCost} />
      )}
    </dl>
  );
}

function Bars({
  name,
  days,
  titles,
  valueOf,
  format = (value) => value.toLocaleString(),
}: {
  readonly name: string;
  readonly days: readonly Day[];
  readonly titles: readonly string[];
  readonly valueOf: (day: Day) => number;
  readonly format?: (value: number) => string;
}): ReactNode {
  const values = days.map(valueOf);
  return (
    <SmallChart tall name={name} label={t.of(name, values.map(format))}>
      <SmallBars places={days.length} values={values} highest={highestOf(values)} look="stroke-edge" />
      <SmallTitles titles={titles} />
    </SmallChart>
  );
}

/** The newest first; days on which no run ended are left out. */
function DaysTable({ days }: { readonly days: readonly Day[] }): ReactNode {
  return (
    <Table label={t.title} columns={t.columns}>
      {days
        .filter(({ ended }) => ended > 0)
        .toReversed()
        .map((day) => (
          <Row key={day.day}>
            <Cell>{day.day}</Cell>
            {OUTCOMES.map((status) => (
              <Cell key={status} numeric>
                {day[status].toLocaleString()}
              </Cell>
            ))}
            <Cell numeric>{formatSeconds(day.duration_seconds?.p50)}</Cell>
            <Cell numeric>{formatSeconds(day.duration_seconds?.p95)}</Cell>
            <Cell numeric>{day.credits.toLocaleString()}</Cell>
            <Cell numeric>{hasModelCost(day) ? formatModelCost(day) : '–'}</Cell>
          </Row>
        ))}
    </Table>
  );
}

function tellDay(day: Day): string {
  const { ended, completed, duration_seconds: duration, credits } = day;
  if (ended === 0) return t.nothingOn(day.day);
  const cost = hasModelCost(day) ? `\n${t.cost}: ${formatModelCost(day)}` : '';
  return `${t.on({ day: day.day, completed, ended, half: formatSeconds(duration?.p50), most: formatSeconds(duration?.p95), credits })}${cost}`;
}
