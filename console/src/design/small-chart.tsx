import type { ReactNode } from 'react';

const WIDTH = 120;
const HEIGHT = 28;
/** Of the width of a place, what a bar takes. */
const BAR = 0.7;

/** A picture of a few values, in a `<dl>`: small enough that several can be held beside each other. */
export function SmallChart({
  name,
  label,
  tall = false,
  children,
}: {
  readonly name: ReactNode;
  /** What it shows, for who cannot see it. */
  readonly label: string;
  readonly tall?: boolean;
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
          className={`${tall ? 'h-20' : 'h-7'} w-full`}
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

interface DrawnValues {
  /** The newest is on the right, wherever fewer are given than there are places. */
  readonly values: readonly (number | null)[];
  readonly places: number;
  readonly highest: number;
  readonly look: string;
}

export function SmallBars({
  values,
  places,
  highest,
  look,
  above,
  least = 0,
}: DrawnValues & {
  /** What they stand on. */
  readonly above?: readonly number[];
  /** How high a bar is at least, even of nothing. */
  readonly least?: number;
}): ReactNode {
  const step = WIDTH / places;
  const heightOf = (value: number): number => (value / highest) * HEIGHT;
  return values.map((value, index) => {
    const height = Math.max(least, heightOf(value ?? 0));
    if (height === 0) return null;
    const x = step * (places - values.length + index + 0.5);
    const y = HEIGHT - heightOf(above?.[index] ?? 0);
    return <path key={index} d={`M${x} ${y}V${y - height}`} className={look} strokeWidth={step * BAR} />;
  });
}

/** Breaks where there is no value; a value that stands alone is a short dash. */
export function SmallLine({ values, places, highest, look }: DrawnValues): ReactNode {
  const step = WIDTH / places;
  const first = places - values.length;
  const points = values.map((value, index) => {
    if (value === null) return '';
    const [x, y] = [step * (first + index + 0.5), HEIGHT - 1 - (value / highest) * (HEIGHT - 3)];
    const isAlone = (values[index - 1] ?? null) === null && (values[index + 1] ?? null) === null;
    if (isAlone) return `M${(x - step / 4).toFixed(1)} ${y.toFixed(1)}h${(step / 2).toFixed(1)}`;
    return `${(values[index - 1] ?? null) === null ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`;
  });
  return <path d={points.join('')} className={look} strokeWidth="1.5" vectorEffect="non-scaling-stroke" />;
}

/** Says of each place what it holds, to who points at it. */
export function SmallTitles({ titles }: { readonly titles: readonly string[] }): ReactNode {
  const step = WIDTH / titles.length;
  return titles.map((title, index) => (
    <rect key={index} x={step * index} y="0" width={step} height={HEIGHT} fill="transparent">
      <title>{title}</title>
    </rect>
  ));
}

/** Never zero: something is divided by it. */
export function highestOf(values: readonly (number | null)[]): number {
  return Math.max(Number.MIN_VALUE, ...values.map((value) => value ?? 0));
}
