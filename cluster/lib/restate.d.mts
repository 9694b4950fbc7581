export interface RestateNode {
  readonly url: string;
  readonly adminUrl: string;
  readonly ports: { readonly ingress: number; readonly admin: number };
  readonly pid: number;
  untilWell(): Promise<void>;
  stop(signal?: NodeJS.Signals): Promise<void>;
  restart(): Promise<void>;
}

export declare function startRestate(
  folder: string,
  options: {
    readonly size?: number;
    readonly packageFrom: string;
    readonly partitions?: number;
    readonly env?: NodeJS.ProcessEnv;
  },
): Promise<RestateNode[]>;
