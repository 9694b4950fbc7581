import { hostname } from 'node:os';

/** For people: the host, and which of its processes. */
export function placeOfProcess(): string {
  return `${hostname()}, process ${process.pid}`;
}
