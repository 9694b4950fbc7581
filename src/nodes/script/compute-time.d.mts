export interface Moment {
  /** In milliseconds. */
  readonly now: number;
  /** How many milliseconds the thread has been on a core; null where nobody tells. */
  readonly onCore: number | null;
}

export declare function findOwnClock(): string | null;
export declare function readClock(file: string | null): number | null;

export declare class ComputeTime {
  constructor(params: Moment & { readonly timeMs: number });
  left(moment: Moment): number;
}
