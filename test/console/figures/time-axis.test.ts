import { describe, expect, it } from 'vitest';
import { labelTimes, TIME_STEPS, toTimeSpan } from '../../../console/src/design/time-axis.js';

const NOON = Date.UTC(2026, 10, 30, 12) / 1_000;

describe('the times below a chart', () => {
  it('are whole seconds, however short the time is that the chart shows', () => {
    expect(Math.min(...TIME_STEPS)).toBe(1);
    expect(TIME_STEPS.every((step, place) => step > (TIME_STEPS[place - 1] ?? 0))).toBe(true);
    expect(toTimeSpan(NOON, NOON + 0.5)).toEqual([NOON - 4.75, NOON + 5.25]);
    expect(toTimeSpan(NOON, NOON)).toEqual([NOON - 5, NOON + 5]);
    expect(toTimeSpan(NOON, NOON + 3_600)).toEqual([NOON, NOON + 3_600]);
  });

  it('say no more than tells them apart, and once which day it is', () => {
    const seconds = labelTimes([NOON, NOON + 1], { step: 1, zone: 'utc' });
    expect(seconds).toEqual([expect.stringMatching(/^12:00:00.*\n.*30/), expect.stringMatching(/^12:00:01[^\n]*$/)]);
    const hours = labelTimes([NOON, NOON + 10 * 3_600, NOON + 20 * 3_600], { step: 36_000, zone: 'utc' });
    expect(hours.map((label) => label.includes('\n'))).toEqual([true, false, true]);
    expect(hours.join('')).not.toContain(':00:00');
    const days = labelTimes([NOON, NOON + 86_400], { step: 86_400, zone: 'utc' });
    expect(days).toEqual([expect.stringContaining('30'), expect.stringContaining('Dec')]);
  });
});
