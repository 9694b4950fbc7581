import type { HostContext } from './host.js';

type Place = Pick<HostContext, 'locale' | 'timeZone'>;

/** A time as the host has its person see times; in UTC for who points at it. */
export function Moment({ at, place }: { readonly at: string; readonly place: Place }) {
  return (
    <time dateTime={at} title={`${at} (UTC)`}>
      {formatMoment(new Date(at), place)}
    </time>
  );
}

/** Where the host names a zone or a language that nobody knows, or none, it is as the browser has it. */
export function formatMoment(at: Date, { locale, timeZone }: Place): string {
  const style = { dateStyle: 'short', timeStyle: 'short' } as const;
  for (const [language, zone] of [
    [locale, timeZone],
    [undefined, timeZone],
    [locale, undefined],
  ]) {
    try {
      return at.toLocaleString(language, { ...style, ...(zone === undefined ? {} : { timeZone: zone }) });
    } catch {
      // Unknown: the next.
    }
  }
  return at.toLocaleString(undefined, style);
}
