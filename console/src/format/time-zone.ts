import { useSyncExternalStore } from 'react';

/** In which zone times are shown: that of the browser, or UTC. */
export const TIME_ZONES = ['local', 'utc'] as const;
export type TimeZone = (typeof TIME_ZONES)[number];

const STORED_AS = 'errand-times';
const listeners = new Set<() => void>();

function readTimeZone(): TimeZone {
  const stored = localStorage.getItem(STORED_AS);
  return TIME_ZONES.find((zone) => zone === stored) ?? 'local';
}

/** Kept in this browser, for all its tabs. */
export function chooseTimeZone(zone: TimeZone): void {
  localStorage.setItem(STORED_AS, zone);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  // Another tab has chosen.
  addEventListener('storage', listener);
  return () => {
    listeners.delete(listener);
    removeEventListener('storage', listener);
  };
}

export function useTimeZone(): TimeZone {
  return useSyncExternalStore(subscribe, readTimeZone);
}
