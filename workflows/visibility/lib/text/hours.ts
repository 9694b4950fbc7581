import type { Verdict } from './address.js';

/** Opening times by day (`mo` … `su`): `09:00-18:00`, several apart by a space. */
export type Week = { readonly [day: string]: string };

const DAYS = ['mo', 'tu', 'we', 'th', 'fr', 'sa', 'su'];
const TOKEN =
  /\b(?<day>mo|tu|we|th|fr|sa|su)(?:n|e|d|u|i|t|s|r)?(?:day|nesday|rsday|urday|sday)?s?\b|\b(?<hour>\d{1,2})(?::(?<minute>\d\d))?(?::\d\d)?\s*(?<half>am|pm)?\b|(?<to>-|\bto\b|\bthrough\b|\buntil\b|\btill\b)|(?<all>\bdaily\b)/g;

/** Reads `Mo-Fr 09:00-18:00, Sa 10:00-14:00` and its like; null when no day with times stands in it. */
export function parseHours(text: string): Week | null {
  const week: { [day: string]: string } = {};
  let days: string[] = [];
  let ranges: string[] = [];
  let from: string | null = null;
  let last: 'day' | 'time' | 'day to' | 'time to' | null = null;
  const keep = (): void => {
    for (const day of days) if (ranges.length > 0) week[day] = ranges.join(' ');
  };
  for (const { groups = {} } of plain(text).matchAll(TOKEN)) {
    const { day, hour, to, all } = groups;
    if (day !== undefined || all !== undefined) {
      if (ranges.length > 0) {
        keep();
        [days, ranges] = [[], []];
      }
      if (all !== undefined) days.push(...DAYS);
      else if (last === 'day to') days.push(...daysUpTo(days.at(-1), day ?? ''));
      else days.push(day ?? '');
      last = 'day';
    } else if (hour !== undefined) {
      const time = toClock(groups);
      if (last === 'time to' && from !== null) ranges.push(`${from}-${time}`);
      from = time;
      last = 'time';
    } else if (to !== undefined) last = last === 'day' ? 'day to' : last === 'time' ? 'time to' : null;
  }
  keep();
  return Object.keys(week).length === 0 ? null : week;
}

/** What a `openingHoursSpecification` of schema.org says, or its `openingHours`; null when it says nothing. */
export function readSchemaHours(openingHours: unknown, specification: unknown): Week | null {
  const texts = asList(openingHours).filter((each) => typeof each === 'string');
  if (texts.length > 0) return parseHours(texts.join(', '));
  const week: { [day: string]: string } = {};
  for (const each of asList(specification)) {
    if (typeof each !== 'object' || each === null) continue;
    const { dayOfWeek, opens, closes } = each as { dayOfWeek?: unknown; opens?: unknown; closes?: unknown };
    if (typeof opens !== 'string' || typeof closes !== 'string') continue;
    for (const name of asList(dayOfWeek)) {
      const day = String(name)
        .replace(/^.*[/#]/, '')
        .slice(0, 2)
        .toLowerCase();
      const range = `${opens.slice(0, 5)}-${closes.slice(0, 5)}`;
      if (DAYS.includes(day)) week[day] = week[day] === undefined ? range : `${week[day]} ${range}`;
    }
  }
  return Object.keys(week).length === 0 ? null : week;
}

export function isSameWeek(one: Week, other: Week): boolean {
  return DAYS.every((day) => one[day] === other[day]);
}

/** Whether the times in a text are those of the opening hours: `wrong` when one of them is not. */
export function judgeHours(text: string, hours: string): Verdict {
  const told = readTimes(text);
  if (told.length === 0) return 'absent';
  const known = new Set(readTimes(hours));
  return told.every((time) => known.has(time)) ? 'right' : 'wrong';
}

/** Times of the day in a text, `HH:MM`: `9 am`, `18:00`. */
export function readTimes(text: string): string[] {
  const found = plain(text).matchAll(
    /\b(?<hour>\d{1,2}):(?<minute>\d\d)\s*(?<half>am|pm)?|\b(?<hour2>\d{1,2})\s*(?<half2>am|pm)\b/g,
  );
  const times = [...found].map(({ groups = {} }) =>
    toClock({
      hour: groups['hour'] ?? groups['hour2'],
      minute: groups['minute'],
      half: groups['half'] ?? groups['half2'],
    }),
  );
  return [...new Set(times)];
}

/** As schema.org wants it: one text for each run of days with the same times. */
export function toSchemaHours(week: Week): string[] {
  const open = DAYS.filter((day) => week[day] !== undefined);
  const groups: { days: string[]; times: string }[] = [];
  for (const day of open) {
    const times = week[day] ?? '';
    const latest = groups.at(-1);
    const follows = latest !== undefined && DAYS.indexOf(latest.days.at(-1) ?? '') === DAYS.indexOf(day) - 1;
    if (follows && latest.times === times) latest.days.push(day);
    else groups.push({ days: [day], times });
  }
  return groups.flatMap(({ days, times }) => times.split(' ').map((range) => `${spanOf(days)} ${range}`));
}

function spanOf(days: readonly string[]): string {
  const [first = '', last = ''] = [days[0], days.at(-1)].map(
    (day = '') => day.slice(0, 1).toUpperCase() + day.slice(1),
  );
  return first === last ? first : `${first}-${last}`;
}

function daysUpTo(from: string | undefined, to: string): string[] {
  const start = DAYS.indexOf(from ?? '');
  const count = (DAYS.indexOf(to) - start + DAYS.length) % DAYS.length;
  return Array.from({ length: count }, (_, index) => DAYS[(start + 1 + index) % DAYS.length] ?? '');
}

function plain(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[–—−]/g, '-')
    .replaceAll(/\b([ap])\.m\b\.?/g, '$1m');
}

function toClock(groups: { readonly [name: string]: string | undefined }): string {
  const { hour = '0', minute = '00', half } = groups;
  const late = half === 'pm' && Number(hour) < 12 ? 12 : half === 'am' && Number(hour) === 12 ? -12 : 0;
  return `${String(Number(hour) + late).padStart(2, '0')}:${minute}`;
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
}
