export declare class Balancer {
  readonly url: string;
  delayMs: number;
  isSilent: boolean;
  start(port?: number): Promise<void>;
  add(port: number): void;
  remove(port: number): void;
  stop(): Promise<void>;
}

/** Takes ports whose process does not answer out of the balancers, and back in. Returns what ends that. */
export declare function watchHealth<M extends { readonly port: number }>(
  members: readonly M[],
  balancers: (member: M) => readonly { readonly balancer: Balancer; readonly port: number }[],
  options?: { readonly everyMs?: number; readonly withinMs?: number },
): () => void;
