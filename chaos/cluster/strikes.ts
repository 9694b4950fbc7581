import type { Member, StartedCluster } from '../../cluster/lib/start-cluster.mjs';
import type { Random } from '../random.js';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** What can happen to a cluster; each takes back what it has done before it is over. */
type Strike = () => Promise<void>;

/** Ends, pauses and cuts off one thing after the other. */
export class Strikes {
  count = 0;
  readonly #cluster: StartedCluster;
  readonly #random: Random;
  readonly #done = new Map<string, number>();

  constructor(params: { readonly cluster: StartedCluster; readonly random: Random }) {
    this.#cluster = params.cluster;
    this.#random = params.random;
  }

  async once(): Promise<void> {
    const [name, strike] = this.#choose();
    this.count += 1;
    this.#done.set(name, (this.#done.get(name) ?? 0) + 1);
    await strike();
    await pause(100 + this.#random.below(1_500));
  }

  /** Waits until all are well. */
  async mend(): Promise<void> {
    for (const member of this.#cluster.members) await member.untilReady();
  }

  describe(): string {
    return [...this.#done].map(([name, times]) => `${times} times ${name}`).join(', ');
  }

  #choose(): readonly [string, Strike] {
    const member = this.#pick(this.#cluster.members);
    const strikes: readonly (readonly [weight: number, name: string, strike: Strike])[] = [
      [6, 'a process was killed', () => this.#kill(member)],
      [2, 'a process was asked to stop', () => this.#stop(member)],
      [3, 'a process was paused', () => this.#hang(member)],
      [3, 'a process was cut off from Restate', () => this.#cutOff(member)],
      [2, 'a node of Restate was killed', () => this.#killRestate()],
      [1, 'a node of Restate was paused', () => this.#hangRestate()],
      [1, 'Postgres was killed', () => this.#killPostgres()],
    ];
    let at = this.#random.below(strikes.reduce((sum, [weight]) => sum + weight, 0));
    for (const [weight, name, strike] of strikes) {
      at -= weight;
      if (at < 0) return [name, strike];
    }
    return ['a process was killed', () => this.#kill(member)];
  }

  #pick<T>(from: readonly T[]): T {
    const picked = from[this.#random.below(from.length)];
    if (picked === undefined) throw new Error('there is nothing to strike');
    return picked;
  }

  async #kill(member: Member): Promise<void> {
    await member.stop('SIGKILL');
    await pause(this.#random.below(1_000));
    member.restart();
    await member.untilReady();
  }

  async #stop(member: Member): Promise<void> {
    await member.stop('SIGTERM');
    member.restart();
    await member.untilReady();
  }

  /** At times for long enough to lose its runs. */
  async #hang({ pid }: Member): Promise<void> {
    process.kill(pid, 'SIGSTOP');
    await pause(this.#random.chance(0.5) ? 18_000 : this.#random.below(4_000));
    process.kill(pid, 'SIGCONT');
  }

  /** It goes on, and Restate does not know. */
  async #cutOff({ callPort }: Member): Promise<void> {
    const until = Date.now() + this.#random.below(6_000);
    while (Date.now() < until) {
      this.#cluster.calls.remove(callPort);
      await pause(50);
    }
    this.#cluster.calls.add(callPort);
  }

  async #killRestate(): Promise<void> {
    const node = this.#pick(this.#cluster.restate);
    await node.stop('SIGKILL');
    await pause(this.#random.below(3_000));
    await node.restart();
  }

  async #hangRestate(): Promise<void> {
    const { pid } = this.#pick(this.#cluster.restate);
    process.kill(pid, 'SIGSTOP');
    await pause(this.#random.below(5_000));
    process.kill(pid, 'SIGCONT');
  }

  async #killPostgres(): Promise<void> {
    const { postgres } = this.#cluster;
    await postgres.stop('SIGQUIT');
    await pause(this.#random.below(2_000));
    await postgres.restart();
  }
}
