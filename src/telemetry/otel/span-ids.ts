import { createHash, randomBytes } from 'node:crypto';

/**
 * The ids of spans. Those of runs, nodes and attempts are computed from what they are of: a process that goes on with a
 * run after a crash gives its spans the ids that earlier ones already name as their parent.
 */
export class SpanIds {
  #traceId: string | null = null;
  #spanId: string | null = null;

  /** The ids of the span that is made next. */
  choose(ids: { readonly spanId: string; readonly traceId?: string }): void {
    this.#spanId = ids.spanId;
    this.#traceId = ids.traceId ?? null;
  }

  /** None is chosen for what comes after. */
  clear(): void {
    this.#traceId = null;
    this.#spanId = null;
  }

  generateTraceId(): string {
    return this.#traceId ?? randomBytes(16).toString('hex');
  }

  generateSpanId(): string {
    return this.#spanId ?? randomBytes(8).toString('hex');
  }
}

export function spanIdOf(...what: readonly (string | number)[]): string {
  return digest(what).slice(0, 16);
}

export function traceIdOf(...what: readonly (string | number)[]): string {
  return digest(what).slice(0, 32);
}

function digest(what: readonly (string | number)[]): string {
  return createHash('sha256').update(JSON.stringify(what)).digest('hex');
}
