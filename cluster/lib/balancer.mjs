import { connect, createServer } from 'node:net';
import { Transform } from 'node:stream';
import { isWell } from '../../bench/lib/until.mjs';

/** Hands connections to ports of this machine in turn. One that refuses is passed over. */
export class Balancer {
  #server = createServer((socket) => this.#join(socket, 0));
  /** What is open to each port. */
  #open = new Map();
  #turn = 0;
  /** For trying what a bad network does: what comes is held back for so long … */
  delayMs = 0;
  /** … or until this is over; as when packets are lost, and sent again. */
  isSilent = false;

  start(port = 0) {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', resolve);
    });
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  add(port) {
    if (!this.#open.has(port)) this.#open.set(port, new Set());
  }

  /** Cuts what is open to a port, and hands it no more. */
  remove(port) {
    for (const socket of this.#open.get(port) ?? []) socket.destroy();
    this.#open.delete(port);
  }

  async stop() {
    for (const port of this.#open.keys()) this.remove(port);
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(from, tries) {
    const ports = [...this.#open.keys()];
    const port = ports[(this.#turn += 1) % Math.max(1, ports.length)];
    if (port === undefined || tries >= ports.length) {
      from.destroy();
      return;
    }
    const to = connect(port, '127.0.0.1');
    const refused = () => this.#join(from, tries + 1);
    to.once('error', refused);
    to.once('connect', () => {
      to.off('error', refused);
      this.#pipe(from, to, port);
    });
  }

  #pipe(from, to, port) {
    const open = this.#open.get(port);
    open?.add(from);
    const end = () => {
      open?.delete(from);
      from.destroy();
      to.destroy();
    };
    for (const socket of [from, to]) socket.on('error', end).on('close', end);
    from.pipe(this.#way()).pipe(to).pipe(this.#way()).pipe(from);
  }

  #way() {
    return new Transform({
      transform: (chunk, _, done) => {
        if (this.delayMs === 0 && !this.isSilent) done(null, chunk);
        else void this.#passLater(chunk, done);
      },
    });
  }

  async #passLater(chunk, done) {
    if (this.delayMs > 0) await pause(this.delayMs);
    while (this.isSilent) await pause(20);
    done(null, chunk);
  }
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Takes ports whose process does not answer out of the balancers, and back in. Returns what ends that. */
export function watchHealth(members, balancers, { everyMs = 500, withinMs = 2_000 } = {}) {
  const over = new AbortController();
  const watch = async (member) => {
    for (let failures = 0; !over.signal.aborted;) {
      const signal = AbortSignal.timeout(withinMs);
      failures = (await isWell(`http://127.0.0.1:${member.port}/healthz`, { signal })) ? 0 : failures + 1;
      for (const { balancer, port } of balancers(member)) {
        if (failures === 0) balancer.add(port);
        else if (failures === 2) balancer.remove(port);
      }
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  };
  for (const member of members) void watch(member);
  return () => over.abort();
}
