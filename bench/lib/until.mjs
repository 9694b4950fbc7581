import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks `holds` again and again; throws after `atMostMs`, or with what `broken` says, which counts for more: at the port
 * of a program that has ended another one may answer.
 */
export async function until(holds, atMostMs, broken = () => null) {
  const deadline = Date.now() + atMostMs;
  for (;;) {
    const isSo = await holds();
    const reason = broken();
    if (reason !== null) throw new Error(reason);
    if (isSo) return;
    if (Date.now() > deadline) throw new Error(`it did not answer within ${atMostMs / 1000} s`);
    await sleep(50);
  }
}

/** Whether a server answers there, and with no error. */
export function isWell(url, options) {
  return fetch(url, options).then(
    ({ ok }) => ok,
    () => false,
  );
}
