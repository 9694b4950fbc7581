export declare class Balancer {
  readonly url: string;
  start(port?: number): Promise<void>;
  add(port: number): void;
  remove(port: number): void;
  stop(): Promise<void>;
}
