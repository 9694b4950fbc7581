import { MAX_KEEP_FOR_MS } from '../../core/run/retention.js';
import { parseDuration } from '../../core/time/duration.js';
import { invalidSetting } from './invalid-setting.js';

export function parseAge(text: string, name: string): number {
  const age = parseDuration(text.trim());
  if (age !== null && age <= MAX_KEEP_FOR_MS) return age;
  throw invalidSetting(name, text, 'a time such as 30d, 12h or 90m, of at most 36500d');
}

export function parseExpressionTime(text: string, name: string): number {
  const time = parseDuration(text.trim());
  if (time !== null && time >= 10 && time <= 60_000) return time;
  throw invalidSetting(name, text, 'a time from 10ms to 60s, such as 2s');
}

export function parseSilence(text: string, name: string): number {
  const time = parseDuration(text.trim());
  if (time !== null && time >= 500 && time <= 3_600_000) return time;
  throw invalidSetting(name, text, 'a time from 500ms to 1h, such as 30s');
}

export function parseInterval(text: string, name: string): number {
  const time = parseDuration(text.trim());
  if (time !== null && time >= 60_000 && time <= 366 * 86_400_000) return time;
  throw invalidSetting(name, text, 'a time from 1m to 366d, such as 6h or 1d');
}
