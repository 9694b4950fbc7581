import { randomFillSync } from 'node:crypto';
import type { TraceContext } from '../../../core/run/run.js';

/** A place in a trace: the span that what goes on there is a part of. */
export interface Place {
  readonly traceId: string;
  readonly spanId: string;
  /** As W3C Trace Context has them; the last bit says whether the trace is kept. */
  readonly flags: number;
  /** What other systems want passed on with the trace; empty for nothing. */
  readonly state: string;
  /** Whether another process is there. */
  readonly isRemote: boolean;
  /** The attempt that it is in, where it is in one of this process. */
  readonly attempt?: object;
}

/** The place as it can be sent to another thread. */
export function toPlain({ traceId, spanId, flags, state, isRemote }: Place): Place {
  return { traceId, spanId, flags, state, isRemote };
}

export const SAMPLED = 1;

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const NO_TRACE = '0'.repeat(32);
const NO_SPAN = '0'.repeat(16);
const MAX_STATE = 512;

export function isSampled({ flags }: Place): boolean {
  return (flags & SAMPLED) !== 0;
}

/** Null for a text that is no `traceparent`: the caller has no trace then, as W3C Trace Context wants it. */
export function parseTraceparent(traceparent: string, tracestate = ''): Place | null {
  const [, version = 'ff', traceId = NO_TRACE, spanId = NO_SPAN, flags = '00', more] =
    TRACEPARENT.exec(traceparent.trim()) ?? [];
  if (version === 'ff' || (version === '00' && more !== undefined)) return null;
  if (traceId === NO_TRACE || spanId === NO_SPAN) return null;
  const state = tracestate.length > MAX_STATE ? '' : tracestate;
  return { traceId, spanId, flags: Number.parseInt(flags, 16), state, isRemote: true };
}

export function toTraceContext(place: Place): TraceContext {
  const traceparent = formatTraceparent(place);
  return place.state === '' ? { traceparent } : { traceparent, tracestate: place.state };
}

export function formatTraceparent({ traceId, spanId, flags }: Place): string {
  return `00-${traceId}-${spanId}-${flags < 16 ? '0' : ''}${flags.toString(16)}`;
}

/** Bytes of chance are fetched for many ids at once: that takes most of the time. */
const chance = Buffer.alloc(4_096);
let used = chance.length;

function randomHex(bytes: number): string {
  if (used + bytes > chance.length) {
    randomFillSync(chance);
    used = 0;
  }
  used += bytes;
  return chance.toString('hex', used - bytes, used);
}

export function newTraceId(): string {
  return randomHex(16);
}

export function newSpanId(): string {
  return randomHex(8);
}
