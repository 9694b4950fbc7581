/** How much may go on at the same time; null: no limit. */
export interface Limits {
  readonly runs: number | null;
  readonly nodes: number | null;
}

/** How near what goes on of an organization is to a limit, in one process. */
export interface LimitUse {
  /** Null: nothing limits it, so nothing counts it. */
  readonly active: number | null;
  /** Of the organization; null: none. */
  readonly limit: number | null;
  /** Of the process, over all organizations; null: none. */
  readonly processLimit: number | null;
}

export type LimitsUse = { readonly [Name in keyof Limits]: LimitUse };

/** What goes on of all organizations together where a limit of a workflow or a resource counts it, in one process. */
export interface SharedUse {
  /** By the workflow's key. What is not in these is not used. */
  readonly runs: ReadonlyMap<string, number>;
  readonly nodes: ReadonlyMap<string, number>;
  readonly resources: ReadonlyMap<string, ResourceUse>;
}

export interface ResourceUse {
  readonly active: number;
  /** Within the time of its rate; 0 where it has none. */
  readonly begun: number;
}

export const NO_LIMITS: Limits = { runs: null, nodes: null };

/** At most `count` beginnings within any stretch of `perMs` milliseconds. */
export interface Rate {
  readonly count: number;
  readonly perMs: number;
}

/** What is shared by all that names it: how many uses at once, and how many may begin within a time. Null: no limit. */
export interface ResourceLimits {
  readonly concurrency: number | null;
  readonly rate: Rate | null;
}

/** The names of priorities, for those who need no more than three. */
export const PRIORITIES = { low: -10, normal: 0, high: 10 } as const;
export type PriorityName = keyof typeof PRIORITIES;

/** A name, or a whole number from -10 to 10. */
export type Priority = PriorityName | number;

/** Null for what is no priority. */
export function toPriority(value: unknown): number | null {
  if (typeof value === 'string') return Object.hasOwn(PRIORITIES, value) ? PRIORITIES[value as PriorityName] : null;
  const fits = typeof value === 'number' && Number.isInteger(value);
  return fits && value >= PRIORITIES.low && value <= PRIORITIES.high ? value : null;
}
