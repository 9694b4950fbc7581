import type { Colour, Style } from './style.js';
import { oneLine, padEnd, padStart, textWidth, truncate } from './text-width.js';

export interface Column<Row> {
  readonly header: string;
  readonly value: (row: Row) => string;
  readonly align?: 'right';
  readonly colour?: (row: Row) => Colour | null;
  /** May be cut down to this many columns when the table is wider than the terminal; never cut when not given. */
  readonly min?: number;
  /** Left out where there is no room for it, the last such column first. */
  readonly optional?: boolean;
}

const GAP = '  ';

/** Lines of an aligned table, header first. `width`: what it should fit in; null when it may be as wide as it likes. */
export function renderTable<Row>(params: {
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly width: number | null;
  readonly style: Style;
}): string[] {
  const { rows, style } = params;
  const columns = columnsThatFit(params);
  const cells = rows.map((row) => columns.map((column) => oneLine(column.value(row))));
  const widths = fitWidths({
    wanted: columns.map((column) => wantedWidth(column, rows)),
    minimums: columns.map((column) => column.min ?? null),
    width: params.width,
  });
  const line = (texts: readonly string[], paint: (text: string, index: number) => string): string =>
    texts
      .map((text, index) => {
        const width = widths[index] ?? 0;
        const cut = truncate(text, width);
        const space = ' '.repeat(Math.max(0, width - textWidth(cut)));
        if (columns[index]?.align === 'right') return space + paint(cut, index);
        return paint(cut, index) + (index === texts.length - 1 ? '' : space);
      })
      .join(GAP)
      .trimEnd();
  return [
    line(
      columns.map((column) => column.header),
      (text) => style('dim', text),
    ),
    ...rows.map((row, rowIndex) =>
      line(cells[rowIndex] ?? [], (text, index) => {
        const colour = columns[index]?.colour?.(row) ?? null;
        return colour === null ? text : style(colour, text);
      }),
    ),
  ];
}

/** Names and values, one pair a line, the values aligned. */
export function renderPairs(pairs: readonly (readonly [name: string, value: string])[], style: Style): string[] {
  const width = Math.max(...pairs.map(([name]) => textWidth(name)));
  return pairs.map(([name, value]) => `${style('dim', padEnd(name, width))}${GAP}${value}`);
}

export function alignRight(texts: readonly string[]): string[] {
  const width = Math.max(0, ...texts.map(textWidth));
  return texts.map((text) => padStart(text, width));
}

function columnsThatFit<Row>(params: {
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly width: number | null;
}): readonly Column<Row>[] {
  const columns = [...params.columns];
  if (params.width === null) return columns;
  const least = (column: Column<Row>): number => {
    const wanted = wantedWidth(column, params.rows);
    return GAP.length + Math.min(wanted, column.min ?? wanted);
  };
  while (columns.reduce((sum, column) => sum + least(column), -GAP.length) > params.width) {
    const last = columns.findLastIndex((column) => column.optional === true);
    if (last === -1) break;
    columns.splice(last, 1);
  }
  return columns;
}

function wantedWidth<Row>(column: Column<Row>, rows: readonly Row[]): number {
  return Math.max(textWidth(column.header), ...rows.map((row) => textWidth(oneLine(column.value(row)))));
}

function fitWidths(params: {
  readonly wanted: readonly number[];
  readonly minimums: readonly (number | null)[];
  readonly width: number | null;
}): number[] {
  const widths = [...params.wanted];
  if (params.width === null) return widths;
  let excess = widths.reduce((sum, width) => sum + width, 0) + GAP.length * (widths.length - 1) - params.width;
  while (excess > 0) {
    let widest = -1;
    for (const [index, width] of widths.entries()) {
      const minimum = params.minimums[index] ?? null;
      if (minimum === null || width <= minimum) continue;
      if (widest === -1 || width > (widths[widest] ?? 0)) widest = index;
    }
    if (widest === -1) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess -= 1;
  }
  return widths;
}
