import type { Balancer } from '../../cluster/lib/balancer.mjs';
import { makeNewerProgram } from '../../cluster/lib/newer-program.mjs';
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
  /** Whether the processes are of a later version. */
  #isNewer = false;
  #newer: string | null = null;

  constructor(params: { readonly cluster: StartedCluster; readonly random: Random }) {
    this.#cluster = params.cluster;
    this.#random = params.random;
  }

  /** Throws where a process has ended that nobody has ended. */
  async once(): Promise<void> {
    this.#assertAlive();
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

  #assertAlive(): void {
    for (const { ended, said, port } of this.#cluster.members) {
      if (ended !== null) throw new Error(`The process at port ${port} ended by itself (${ended}). It said:\n${said}`);
    }
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
      [1, 'a node of Restate was restarted', () => this.#killRestate('SIGTERM')],
      [1, 'Postgres was killed', () => this.#stopPostgres('SIGQUIT')],
      [1, 'Postgres was restarted', () => this.#stopPostgres('SIGINT')],
      [
        2,
        'Postgres did not answer',
        () => this.#silence(this.#cluster.members.flatMap(({ database }) => database ?? [])),
      ],
      [
        2,
        'a process was cut off from Postgres',
        () => this.#silence(member.database === null ? [] : [member.database]),
      ],
      [2, 'the way to Postgres was slow', () => this.#slowDown(member.database ?? this.#cluster.ingress)],
      [2, 'the way to Restate was slow', () => this.#slowDown(this.#cluster.ingress)],
      [1, 'all processes were upgraded, or taken back', () => this.#upgrade()],
      ...this.#strikesOfPooler(),
    ];
    let at = this.#random.below(strikes.reduce((sum, [weight]) => sum + weight, 0));
    for (const [weight, name, strike] of strikes) {
      at -= weight;
      if (at < 0) return [name, strike];
    }
    return ['a process was killed', () => this.#kill(member)];
  }

  #strikesOfPooler(): readonly (readonly [weight: number, name: string, strike: Strike])[] {
    const { pooler } = this.#cluster;
    return pooler === null ? [] : [[2, 'the pooler was killed', () => pooler.restart()]];
  }

  #pick<T>(from: readonly T[]): T {
    const picked = from[this.#random.below(from.length)];
    if (picked === undefined) throw new Error('there is nothing to strike');
    return picked;
  }

  async #kill(member: Member): Promise<void> {
    await member.stop('SIGKILL');
    await pause(this.#random.below(1_000));
    this.#start(member);
    await member.untilReady();
  }

  async #stop(member: Member): Promise<void> {
    await member.stop('SIGTERM');
    this.#start(member);
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

  async #killRestate(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const node = this.#pick(this.#cluster.restate);
    await node.stop(signal);
    await pause(this.#random.below(3_000));
    await node.restart();
  }

  async #hangRestate(): Promise<void> {
    const { pid } = this.#pick(this.#cluster.restate);
    process.kill(pid, 'SIGSTOP');
    await pause(this.#random.below(5_000));
    process.kill(pid, 'SIGCONT');
  }

  async #stopPostgres(signal: NodeJS.Signals): Promise<void> {
    const { postgres } = this.#cluster;
    await postgres.stop(signal);
    await pause(this.#random.below(2_000));
    await postgres.restart();
  }

  /** What is sent arrives when it is over; at times that is after whoever waits for it has given up. */
  async #silence(ways: readonly Balancer[]): Promise<void> {
    for (const way of ways) way.isSilent = true;
    await pause(this.#random.chance(0.2) ? 18_000 : this.#random.below(4_000));
    for (const way of ways) way.isSilent = false;
  }

  async #slowDown(way: Balancer): Promise<void> {
    way.delayMs = 20 + this.#random.below(400);
    await pause(this.#random.below(6_000));
    way.delayMs = 0;
  }

  /** One process after the other, to a later version or back to this one. */
  async #upgrade(): Promise<void> {
    this.#isNewer = !this.#isNewer;
    for (const member of this.#cluster.members) {
      await member.stop('SIGTERM');
      this.#start(member);
      await member.untilReady();
    }
  }

  #start(member: Member): void {
    if (this.#isNewer) member.restart((this.#newer ??= makeNewerProgram('chaos-newer')));
    else member.restart();
  }
}
