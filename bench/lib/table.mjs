/** Rows of texts as a table; the first column to the left, the others to the right. */
export function renderTable(header, rows) {
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column].length)));
  const line = (cells) =>
    cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join('  ');
  return [line(header), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}

export const whole = (number) => Math.round(number).toLocaleString('en-US');
export const millis = (number) => (number < 10 ? number.toFixed(2) : number < 100 ? number.toFixed(1) : whole(number));
