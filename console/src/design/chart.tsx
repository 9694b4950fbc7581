import { useEffect, useRef, type ReactNode } from 'react';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useTimeZone, type TimeZone } from '../format/time-zone.js';
import { labelTimes, TIME_STEPS, toTimeSpan } from './time-axis.js';

export interface ChartSeries {
  readonly label: string;
  /** One for each place; null where there is none. */
  readonly values: readonly (number | null)[];
  /** The name of a colour: `failed`. */
  readonly color: string;
  /** Points alone, a line through them, or a line that stays until the next of them. */
  readonly look: 'points' | 'line' | 'steps';
}

interface ChartProps {
  /** What it shows, for who cannot see it. */
  readonly label: string;
  /** Ascending. Where they are is said where they are times, in seconds. */
  readonly places: readonly number[];
  /** `ranks`: one after the other, on a scale where twice as much is as far everywhere. `times`: from zero. */
  readonly scale: 'ranks' | 'times';
  readonly series: readonly ChartSeries[];
  readonly format: (value: number) => string;
}

const HEIGHT = 220;
const POINT = 6;
/** Pixels from one time to the next, at least. */
const TIME_SPACE = 90;

export function Chart({ label, places, scale, series, format }: ChartProps): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  const zone = useTimeZone();
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const chart = new UPlot(
      toOptions(element, { scale, series, format, zone }),
      [[...places], ...series.map(({ values }) => [...values])],
      element,
    );
    const observer = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.destroy();
    };
  }, [places, scale, series, format, zone]);
  return <div ref={place} role="img" aria-label={label} className="overflow-hidden" style={{ minHeight: HEIGHT }} />;
}

type Drawn = Pick<ChartProps, 'scale' | 'series' | 'format'> & { readonly zone: TimeZone };

function toOptions(element: HTMLElement, { scale, series, format, zone }: Drawn): UPlot.Options {
  const axis = {
    stroke: colorOf(element, 'soft'),
    grid: { stroke: colorOf(element, 'line'), width: 0.5 },
    ticks: { show: false },
  };
  const isTimed = scale === 'times';
  return {
    width: element.clientWidth,
    height: HEIGHT,
    ...(zone === 'utc' ? { tzDate: toUtc } : {}),
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: isTimed, ...(isTimed ? { range: (_, from, to) => toTimeSpan(from, to) } : {}) },
      y: isTimed ? { range: (_, __, most) => [0, Math.max(1, most * 1.05)] } : { distr: 3 },
    },
    axes: [
      isTimed ? { ...axis, ...timesOf(zone) } : { show: false },
      { ...axis, size: 70, values: (_, ticks) => ticks.map((tick) => (tick === null ? '' : format(tick))) },
    ],
    series: [{}, ...series.map((each) => toSeries(each, colorOf(element, each.color)))],
  };
}

function timesOf(zone: TimeZone): UPlot.Axis {
  return {
    incrs: TIME_STEPS,
    space: TIME_SPACE,
    values: (_, times, __, ___, step) => labelTimes(times, { step, zone }),
  };
}

/** Seconds to a date whose local parts are those of UTC. */
function toUtc(seconds: number): Date {
  return UPlot.tzDate(new Date(seconds * 1_000), 'Etc/UTC');
}

function toSeries({ label, look }: ChartSeries, stroke: string): UPlot.Series {
  if (look === 'points')
    return { label, stroke, paths: () => null, points: { show: true, size: POINT, fill: stroke, width: 0 } };
  const steps = look === 'steps' ? UPlot.paths.stepped?.({ align: 1 }) : undefined;
  return { label, stroke, width: 1.5, points: { show: false }, ...(steps === undefined ? {} : { paths: steps }) };
}

/** As the theme has it just now: a canvas knows no variables. */
function colorOf(element: HTMLElement, name: string): string {
  const probe = element.appendChild(document.createElement('span'));
  probe.style.color = `var(--${name})`;
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
