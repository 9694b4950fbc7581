import type { Place } from './place.js';

/** Whether a trace is kept, asked where it begins or comes in: null for `parent` where it begins here. */
export type Sampler = (parent: Place | null, traceId: string) => boolean;

export const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;
export type SamplerName = (typeof SAMPLERS)[number];

/** So many traces begin here in a second where nothing is said of sampling. */
export const MAX_NEW_TRACES = 100;

/** As `OTEL_TRACES_SAMPLER` names them. */
export function createSampler(name: SamplerName, ratio: number): Sampler {
  const root = name.replace('parentbased_', '');
  const keeps = (traceId: string): boolean =>
    root === 'always_on' || (root === 'traceidratio' && isWithin(traceId, ratio));
  if (root === name) return (_, traceId) => keeps(traceId);
  return (parent, traceId) => (parent === null ? keeps(traceId) : (parent.flags & 1) !== 0);
}

/** Where nothing is said: what callers trace, and up to `MAX_NEW_TRACES` that begin here in each second. */
export function createDefaultSampler(now: () => number): Sampler {
  let second = 0;
  let left = MAX_NEW_TRACES;
  return (parent) => {
    if (parent !== null) return (parent.flags & 1) !== 0;
    const current = Math.floor(now() / 1_000);
    if (current !== second) {
      second = current;
      left = MAX_NEW_TRACES;
    }
    left -= 1;
    return left >= 0;
  };
}

/** As OpenTelemetry's SDK for JavaScript computes it, so that programs that agree on a ratio agree on traces. */
function isWithin(traceId: string, ratio: number): boolean {
  let folded = 0;
  for (let at = 0; at < traceId.length; at += 8) folded ^= Number.parseInt(traceId.slice(at, at + 8), 16);
  return folded >>> 0 < Math.floor(Math.min(1, Math.max(0, ratio)) * 0xffffffff);
}
