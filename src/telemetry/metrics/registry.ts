/**
 * Counts things and writes the counts as Prometheus reads them (text format 0.0.4). Small on purpose: an increment is a
 * look-up in a map and an addition. A metric has at most `MAX_SERIES` series; what would be one more is counted under
 * labels that all say `other`.
 */
const MAX_SERIES = 500;

export type Labels = readonly string[];

interface Written {
  write(lines: string[]): void;
}

export interface Named {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
}

/** What the values of a histogram have come to. */
export interface Buckets {
  /** Of each bound, how many were not above it and above the one before; the last is beyond all. */
  readonly counts: readonly number[];
  readonly sum: number;
}

/** A metric as it stands when it is asked. */
export type Readable =
  | { readonly type: 'counter' | 'gauge'; readonly named: Named; samples(): Iterable<readonly [Labels, number]> }
  | {
      readonly type: 'histogram';
      readonly named: Named;
      readonly bounds: readonly number[];
      samples(): Iterable<readonly [Labels, Buckets]>;
    };

/** What separates the values of labels in a key; no name holds it. */
const SEPARATOR = '\u0001';

class Series<Value> {
  readonly #named: Named;
  readonly #make: () => Value;
  readonly #values = new Map<string, Value>();
  readonly #other: string;
  /** What was counted last is nearly always counted next: it is found without a look-up. */
  #last: { readonly labels: Labels; readonly value: Value } | null = null;

  constructor(named: Named, make: () => Value) {
    this.#named = named;
    this.#make = make;
    this.#other = named.labels.map(() => 'other').join(SEPARATOR);
  }

  of(labels: Labels): Value {
    const last = this.#last;
    if (last !== null && labels.every((label, index) => label === last.labels[index])) return last.value;
    const value = this.#find(labels.length === 1 ? (labels[0] ?? '') : labels.join(SEPARATOR));
    this.#last = { labels, value };
    return value;
  }

  #find(key: string): Value {
    const known = this.#values.get(key);
    if (known !== undefined) return known;
    if (this.#values.size >= MAX_SERIES && key !== this.#other) return this.#find(this.#other);
    const value = this.#make();
    this.#values.set(key, value);
    return value;
  }

  *entries(): Iterable<readonly [readonly (readonly [string, string])[], Value]> {
    for (const [key, value] of this.#values) {
      const values = key.split(SEPARATOR);
      yield [this.#named.labels.map((label, index) => [label, values[index] ?? ''] as const), value];
    }
  }
}

export class Counter implements Written {
  readonly type = 'counter';
  readonly named: Named;
  readonly #series: Series<{ count: number }>;

  constructor(named: Named) {
    this.named = named;
    this.#series = new Series(named, () => ({ count: 0 }));
    if (named.labels.length === 0) this.#series.of([]);
  }

  add(amount: number, ...labels: Labels): void {
    this.#series.of(labels).count += amount;
  }

  *samples(): Iterable<readonly [Labels, number]> {
    for (const [labels, { count }] of this.#series.entries()) yield [labels.map(([, text]) => text), count];
  }

  write(lines: string[]): void {
    writeHead(lines, this.named, 'counter');
    for (const [labels, { count }] of this.#series.entries()) lines.push(sample(this.named.name, labels, count));
  }
}

/** Asked when the metrics are read. */
export class Gauge implements Written {
  readonly type = 'gauge';
  readonly named: Named;
  readonly #read: () => Iterable<readonly [Labels, number]>;

  constructor(named: Named, read: () => Iterable<readonly [Labels, number]>) {
    this.named = named;
    this.#read = read;
  }

  samples(): Iterable<readonly [Labels, number]> {
    return this.#read();
  }

  write(lines: string[]): void {
    writeHead(lines, this.named, 'gauge');
    for (const [values, value] of this.#read()) {
      const labels = this.named.labels.map((label, index) => [label, values[index] ?? ''] as const);
      lines.push(sample(this.named.name, labels, value));
    }
  }
}

export class Histogram implements Written {
  readonly type = 'histogram';
  readonly named: Named;
  readonly bounds: readonly number[];
  readonly #series: Series<{ readonly counts: number[]; sum: number }>;

  constructor(named: Named, bounds: readonly number[]) {
    this.named = named;
    this.bounds = bounds;
    this.#series = new Series(named, () => ({ counts: Array.from({ length: bounds.length + 1 }, () => 0), sum: 0 }));
  }

  observe(value: number, ...labels: Labels): void {
    const buckets = this.#series.of(labels);
    let at = 0;
    while (at < this.bounds.length && value > (this.bounds[at] ?? 0)) at += 1;
    buckets.counts[at] = (buckets.counts[at] ?? 0) + 1;
    buckets.sum += value;
  }

  *samples(): Iterable<readonly [Labels, Buckets]> {
    for (const [labels, { counts, sum }] of this.#series.entries())
      yield [labels.map(([, text]) => text), { counts: [...counts], sum }];
  }

  write(lines: string[]): void {
    const { name } = this.named;
    writeHead(lines, this.named, 'histogram');
    for (const [labels, { counts, sum }] of this.#series.entries()) {
      let total = 0;
      for (const [index, count] of counts.entries()) {
        total += count;
        const bound = this.bounds[index];
        lines.push(sample(`${name}_bucket`, [...labels, ['le', bound === undefined ? '+Inf' : String(bound)]], total));
      }
      lines.push(sample(`${name}_sum`, labels, sum), sample(`${name}_count`, labels, total));
    }
  }
}

/** All metrics of a server, in the order in which they were made. */
export class Registry {
  readonly #all: (Written & Readable)[] = [];

  /** For whoever tells them in another way than `render`. */
  get metrics(): readonly Readable[] {
    return this.#all;
  }

  counter(name: string, help: string, ...labels: readonly string[]): Counter {
    return this.#keep(new Counter({ name, help, labels }));
  }

  gauge(name: string, help: string, labels: readonly string[], read: () => Iterable<readonly [Labels, number]>): Gauge {
    return this.#keep(new Gauge({ name, help, labels }, read));
  }

  histogram(name: string, help: string, bounds: readonly number[], ...labels: readonly string[]): Histogram {
    return this.#keep(new Histogram({ name, help, labels }, bounds));
  }

  render(): string {
    const lines: string[] = [];
    for (const metric of this.#all) metric.write(lines);
    return `${lines.join('\n')}\n`;
  }

  #keep<T extends Written & Readable>(metric: T): T {
    this.#all.push(metric);
    return metric;
  }
}

function writeHead(lines: string[], { name, help }: Named, type: string): void {
  lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
}

function sample(name: string, labels: readonly (readonly [string, string])[], value: number): string {
  if (labels.length === 0) return `${name} ${value}`;
  return `${name}{${labels.map(([label, text]) => `${label}="${escapeLabel(text)}"`).join(',')}} ${value}`;
}

function escapeLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
