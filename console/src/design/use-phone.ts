import { useSyncExternalStore } from 'react';

/** Below Tailwind's `sm`. */
const PHONE = matchMedia('(width < 40rem)');

function subscribe(listener: () => void): () => void {
  PHONE.addEventListener('change', listener);
  return () => PHONE.removeEventListener('change', listener);
}

/** Whether the window is as narrow as that of a phone. */
export function usePhone(): boolean {
  return useSyncExternalStore(subscribe, () => PHONE.matches);
}
