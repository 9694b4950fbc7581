import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Hands connections to ports in turn. */
export class Balancer {
  readonly #server = createServer((socket) => this.#join(socket));
  readonly #connections = new Map<number, Set<Socket>>();
  #turn = 0;

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  add(port: number): void {
    this.#connections.set(port, new Set());
  }

  /** Cuts what goes to a port, and hands it no more. */
  remove(port: number): void {
    for (const socket of this.#connections.get(port) ?? []) socket.destroy();
    this.#connections.delete(port);
  }

  async stop(): Promise<void> {
    for (const port of this.#connections.keys()) this.remove(port);
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(from: Socket): void {
    const ports = [...this.#connections.keys()];
    const port = ports[(this.#turn += 1) % Math.max(1, ports.length)];
    if (port === undefined) {
      from.destroy();
      return;
    }
    const to = connect(port, '127.0.0.1');
    const open = this.#connections.get(port);
    open?.add(from);
    const end = (): void => {
      open?.delete(from);
      from.destroy();
      to.destroy();
    };
    for (const socket of [from, to]) socket.on('error', end).on('close', end);
    from.pipe(to).pipe(from);
  }
}
