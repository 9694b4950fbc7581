import { describe, expect, it } from 'vitest';
import { RUN_STATUSES } from '../../core/run/run.js';
import { toExitCode } from './exit-codes.js';
import { duration, parseMoment, relativeTime } from './human-time.js';
import { progressBar } from './progress-bar.js';
import { toRunId } from '../command/run-id.js';
import { createStyle, plainStyle, wantsColour } from './style.js';
import { renderPairs, renderTable } from './table.js';
import { textWidth } from './text-width.js';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const ago = (ms: number): string => new Date(NOW - ms).toISOString();

describe('relativeTime', () => {
  it.each([
    [1000, 'just now'],
    [42_000, '42 s ago'],
    [3 * 60_000 + 5000, '3 min ago'],
    [2 * 3_600_000, '2 h ago'],
    [25 * 3_600_000, '1 day ago'],
    [5 * 86_400_000, '5 days ago'],
    [40 * 86_400_000, '2026-10-12'],
    [-7_200_000, 'in 2 h'],
  ])('says a time %i ms back as %s', (ms, text) => {
    expect(relativeTime(ago(ms), NOW)).toBe(text);
  });
});

describe('duration', () => {
  it.each([
    [0, '0.0 s'],
    [840, '0.8 s'],
    [9949, '9.9 s'],
    [12_300, '12 s'],
    [59_499, '59 s'],
    [59_500, '1 min 00 s'],
    [185_000, '3 min 05 s'],
    [7_620_000, '2 h 07 min'],
    [-5, '0.0 s'],
  ])('says %i ms as %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });
});

describe('parseMoment', () => {
  it('reads amounts of time, dates and times, and nothing else', () => {
    expect(parseMoment('12h', NOW)).toBe(NOW + 12 * 3_600_000);
    expect(parseMoment('30d', NOW)).toBe(NOW + 30 * 86_400_000);
    expect(parseMoment('2027-01-31', NOW)).toBe(Date.parse('2027-01-31T23:59:59.999Z'));
    expect(parseMoment('2027-01-31T10:00:00Z', NOW)).toBe(Date.parse('2027-01-31T10:00:00Z'));
    expect(parseMoment('2027-13-45', NOW)).toBeNull();
    expect(parseMoment('soon', NOW)).toBeNull();
  });
});

describe('progressBar', () => {
  it('always takes the whole width', () => {
    for (let percent = -5; percent <= 105; percent += 0.5) {
      const { filled, empty } = progressBar({ percent, width: 10 });
      expect(textWidth(filled + empty)).toBe(10);
    }
  });

  it('is full at 100 and at nothing less', () => {
    expect(progressBar({ percent: 100, width: 4 })).toEqual({ filled: '████', empty: '' });
    expect(progressBar({ percent: 99.9, width: 4 }).filled).toBe('███▉');
    expect(progressBar({ percent: 0, width: 4 })).toEqual({ filled: '', empty: '░░░░' });
  });
});

describe('renderTable', () => {
  const columns = [
    { header: 'NAME', value: (row: readonly [string, number]) => row[0], min: 4 },
    { header: 'N', value: (row: readonly [string, number]) => String(row[1]), align: 'right' as const },
  ];

  it('aligns columns by what they take on the screen', () => {
    const lines = renderTable({
      columns,
      rows: [
        ['日本', 5],
        ['abc', 12],
      ] as const,
      width: null,
      style: plainStyle,
    });
    expect(lines).toEqual(['NAME   N', '日本   5', 'abc   12']);
  });

  it('cuts only the columns that may be cut, down to their least width', () => {
    const rows = [['a rather long name', 100000]] as const;
    expect(renderTable({ columns, rows, width: 18, style: plainStyle })[1]).toBe('a rather…   100000');
    expect(renderTable({ columns, rows, width: 5, style: plainStyle })[1]).toBe('a r…  100000');
  });

  it('leaves optional columns out, the last one first, before any column is cut below its least width', () => {
    const wide = [
      ...columns,
      { header: 'X', value: () => 'xxxxx', optional: true },
      { header: 'Y', value: () => 'yy', optional: true },
    ];
    const headers = [20, 18, 17, 12].map(
      (width) => renderTable({ columns: wide, rows: [['abcdef', 1]] as const, width, style: plainStyle })[0],
    );
    expect(headers).toEqual(['NAME    N  X      Y', 'NAME  N  X      Y', 'NAME    N  X', 'NAME    N']);
  });

  it('keeps control characters of the values off the screen', () => {
    const rows = [['a\u001B[31m\nb', 1]] as const;
    expect(renderTable({ columns, rows, width: null, style: plainStyle })[1]).toBe('a [31m b  1');
  });
});

describe('renderPairs', () => {
  it('aligns the values', () => {
    expect(
      renderPairs(
        [
          ['Id', 'a'],
          ['Version', 'b'],
        ],
        plainStyle,
      ),
    ).toEqual(['Id       a', 'Version  b']);
  });
});

describe('wantsColour', () => {
  const terminal = { write: () => true, isTTY: true };
  const pipe = { write: () => true };

  it('colours a terminal and nothing else', () => {
    expect(wantsColour({ output: terminal, env: {}, noColorFlag: false })).toBe(true);
    expect(wantsColour({ output: pipe, env: {}, noColorFlag: false })).toBe(false);
    expect(wantsColour({ output: terminal, env: { TERM: 'dumb' }, noColorFlag: false })).toBe(false);
  });

  it('honours NO_COLOR, FORCE_COLOR over it, and --no-color over both', () => {
    expect(wantsColour({ output: terminal, env: { NO_COLOR: '1' }, noColorFlag: false })).toBe(false);
    expect(wantsColour({ output: pipe, env: { NO_COLOR: '1', FORCE_COLOR: '1' }, noColorFlag: false })).toBe(true);
    expect(wantsColour({ output: terminal, env: { FORCE_COLOR: '0' }, noColorFlag: false })).toBe(false);
    expect(wantsColour({ output: terminal, env: { FORCE_COLOR: '1' }, noColorFlag: true })).toBe(false);
  });

  it('writes no escape sequence when colours are off', () => {
    expect(createStyle(false)('red', 'x')).toBe('x');
    expect(createStyle(true)('red', 'x')).toBe('\u001B[31mx\u001B[39m');
  });
});

describe('toRunId', () => {
  const id = 'run_0190b0c2-7f3a-7abc-8def-0123456789ab';

  it.each([
    id,
    '0190b0c2-7f3a-7abc-8def-0123456789ab',
    'agent_run_0190b0c27f3a7abc8def0123456789ab',
    ' RUN_0190B0C2-7F3A-7ABC-8DEF-0123456789AB\n',
  ])('understands %s', (text) => {
    expect(toRunId(text)).toBe(id);
  });

  it.each(['', 'run_', 'run_123', 'agent_run_xyz', '../../etc/passwd', `${id}0`])('refuses %s', (text) => {
    expect(() => toRunId(text)).toThrow(/is not a run id/);
  });
});

describe('exitCodeOf', () => {
  it('has a code of its own for each way to end', () => {
    expect(Object.fromEntries(RUN_STATUSES.map((status) => [status, toExitCode(status)]))).toEqual({
      pending: 6,
      running: 6,
      completed: 0,
      failed: 3,
      cancelled: 4,
      partial_complete: 5,
    });
  });
});
