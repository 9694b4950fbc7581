import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { repository, ServerProcess } from '../test/support/server/server-process.js';
import { check, type Evidence } from './checks/check.js';
import { noFaults, type Faults } from './faults/faults.js';
import { Journal, now, type Execution } from './journal.js';
import { Load } from './load/load.js';
import { Random } from './random.js';
import { readRecords } from './records.js';
import { Stretches } from './checks/stretches.js';
import type { Verdict } from './checks/verdict.js';
import { describeTimes, type Times, timesWithin, type Window } from './times.js';
import { writeWorkflows } from './load/workload.js';
import { readKeys } from './world/read-keys.js';
import { PATIENCE_MS, World } from './world/world.js';

export interface ChaosOptions {
  /** How many servers are ended, one after the other. */
  readonly kills: number;
  /** After so long no further server is ended. */
  readonly seconds: number;
  readonly seed: number;
  /** Of the servers that are ended, the share that is asked to stop (SIGTERM) and not killed (SIGKILL). */
  readonly terms: number;
  /** `relaxed` promises less than what is checked: after a power cut it must be found out. */
  readonly durability?: string;
  /** How many runs are under way at most. */
  readonly active: number;
  /**
   * So many runs are ordered at least, and one of each workflow, if need be of the last server, which nothing disturbs.
   */
  readonly orders?: number;
  /** How often a run that is looked at is cancelled: 0.02 when not given. */
  readonly cancels?: number;
  /** How often a worker gives an ended run a second chance, beyond the first of each workflow: 0.1 when not given. */
  readonly chances?: number;
  /**
   * After so long a time in which all behave, some workflows do harm, under every second server; servers live longer
   * then, in milliseconds: at least, and so much more by chance.
   */
  readonly harm?: { readonly afterMs: number; readonly lifeMs: number; readonly moreMs: number };
  readonly faults?: (folder: string, random: Random) => Faults;
  /** How long messages to others have in the end to be taken, of which none may be waiting then: long enough when not given. */
  readonly patienceMs?: number;
  readonly say: (line: string) => void;
}

export interface ChaosResult {
  readonly evidence: Evidence;
  readonly verdict: Verdict;
  readonly killed: number;
  readonly terminated: number;
  /** How long the shortest workflow's runs took while all behaved, and beside those that did harm; null where none do. */
  readonly times: { readonly usual: Times; readonly beside: Times } | null;
}

/** A run whose time is measured is ordered this often beside workflows that do harm. */
const PULSE_MS = 200;

/** How long a server may take for one run beside workflows that do harm. */
const MEASURED_WITHIN_MS = 60_000;

/** What a server knows of its workflows in its first seconds is what the one before has left it. */
const EARLY_MS = 3_000;

/** How long all that was begun has to come to its end when nothing disturbs it any more. */
const SETTLE_MS = 120_000;

/** Ends servers under load again and again, and then holds what the last one says against what callers were told. */
export async function chaos(options: ChaosOptions): Promise<ChaosResult> {
  const folder = mkdtempSync(join(tmpdir(), 'errand-chaos-'));
  const faults = makeFaults(options, folder);
  const { seed, patienceMs = PATIENCE_MS } = options;
  const world = await World.open({ folder, random: new Random(seed + 3), patienceMs });
  try {
    const lives = new Lives({ options, folder, faults, world });
    await lives.live();
    const evidence = await lives.settle();
    const verdict = check(evidence);
    lives.report(evidence, verdict);
    if (verdict.violations.length > 0) {
      if (!faults.data.startsWith(join(folder, 'data'))) cpSync(faults.data, join(folder, 'data'), { recursive: true });
      options.say(`The journals and the data are kept in ${folder}`);
    } else {
      faults.close();
      rmSync(folder, { recursive: true, force: true });
    }
    return { evidence, verdict, killed: lives.killed, terminated: lives.terminated, times: lives.times(evidence) };
  } finally {
    faults.close();
    await world.close();
  }
}

/** What is waited for, or that it has taken too long. */
function within(ms: number, done: () => boolean): () => boolean {
  const until = Date.now() + ms;
  return () => done() || Date.now() > until;
}

function makeFaults(options: ChaosOptions, folder: string): Faults {
  try {
    return options.faults?.(folder, new Random(options.seed + 2)) ?? noFaults(join(folder, 'data'));
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

interface LivesParams {
  readonly options: ChaosOptions;
  readonly folder: string;
  readonly faults: Faults;
  readonly world: World;
}

class Lives {
  readonly #kills: number[] = [];
  terminated = 0;
  #slowest = 0;
  #killedAtStart = 0;
  #killedAtAcknowledgement = 0;
  readonly #ends: string[] = [];
  readonly #windows: { readonly calm: Window[]; readonly harmed: Window[] } = { calm: [], harmed: [] };
  readonly #options: ChaosOptions;
  readonly #folder: string;
  readonly #faults: Faults;
  readonly #random: Random;
  readonly #journal: Journal;
  readonly #world: World;
  readonly #load: Load;

  constructor({ options, folder, faults, world }: LivesParams) {
    this.#options = options;
    this.#folder = folder;
    this.#faults = faults;
    this.#world = world;
    this.#random = new Random(options.seed);
    this.#journal = new Journal(join(folder, 'told.jsonl'));
    const { active, cancels = 0.02, chances = 0.1 } = options;
    const cured = join(folder, 'cured');
    this.#load = new Load({
      journal: this.#journal,
      random: new Random(options.seed + 1),
      world,
      active,
      cancels,
      chances,
      pulseMs: options.harm === undefined ? null : PULSE_MS,
      cure: (run) => writeFileSync(join(cured, run), ''),
    });
    writeWorkflows({ folder: join(folder, 'workflows'), journal: join(folder, 'executions.jsonl'), cured });
    // A copy of its own: whoever builds meanwhile does not pull the program from under the servers.
    mkdirSync(join(folder, 'app'));
    cpSync(join(repository, 'dist'), join(folder, 'app', 'dist'), { recursive: true });
    cpSync(join(repository, 'package.json'), join(folder, 'app', 'package.json'));
    symlinkSync(join(repository, 'node_modules'), join(folder, 'app', 'node_modules'));
  }

  #spawn(): ServerProcess {
    this.#faults.beforeLife();
    return ServerProcess.spawn({
      main: join(this.#folder, 'app', 'dist', 'cli', 'main.js'),
      data: this.#faults.data,
      workflows: join(this.#folder, 'workflows'),
      env: {
        ERRAND_BOOTSTRAP_CREDITS: '10000000',
        ERRAND_LOG_LEVEL: 'fatal',
        ERRAND_OUTBOUND_ALLOW: '127.0.0.1',
        ...(this.#options.harm === undefined
          ? // It is not the runs that end these servers.
            { ERRAND_MAX_CRASHES: '0' }
          : { ERRAND_MAX_CRASHES: '3', ERRAND_WORKER_MEMORY_MB: '96' }),
        ERRAND_DURABILITY: this.#options.durability ?? 'full',
        ...this.#faults.env,
      },
    });
  }

  async live(): Promise<void> {
    if (this.#options.harm !== undefined) await this.#liveCalmly(this.#options.harm.afterMs);
    const until = Date.now() + this.#options.seconds * 1_000;
    for (let life = 1; life <= this.#options.kills && Date.now() < until; life += 1) {
      // In turns, as what else the machine does changes.
      const isHarmed = this.#options.harm !== undefined && life % 2 === 1;
      this.#load.letHarm(isHarmed);
      await this.#liveOnce(isHarmed);
      if (life % 20 === 0) this.#options.say(`  ${life} servers ended, ${this.#load.open} runs under way`);
    }
  }

  /** The first is set up before anything disturbs it. */
  async #untilServing(server: ServerProcess): Promise<void> {
    await server.untilServing();
    await this.#world.setUp(server);
  }

  /** A server that nothing disturbs, then the first that do harm are let in. */
  async #liveCalmly(ms: number): Promise<void> {
    const server = this.#spawn();
    await this.#untilServing(server);
    const from = Date.now();
    await this.#load.run(server, () => Date.now() > from + ms);
    this.#windows.calm.push({ from, to: Date.now() });
    await this.#end(server, 'SIGTERM');
    this.#load.admitHarm();
  }

  get killed(): number {
    return this.#kills.length;
  }

  times({ records }: Evidence): ChaosResult['times'] {
    const { calm, harmed } = this.#windows;
    if (this.#options.harm === undefined) return null;
    return { usual: timesWithin(records.runs.values(), calm), beside: timesWithin(records.runs.values(), harmed) };
  }

  /** One server, from its start to the signal that ends it. */
  async #liveOnce(isHarmed: boolean): Promise<void> {
    const signal = this.#random.chance(this.#options.terms) ? 'SIGTERM' : 'SIGKILL';
    const server = this.#spawn();
    let over = false;
    let ending: Promise<unknown> | undefined;
    const end = (): void => {
      // Called twice at times: what is over stays over.
      over ||= signal === 'SIGKILL';
      ending ??= this.#end(server, signal).then(() => (over = true));
    };
    if (signal === 'SIGKILL' && this.#random.chance(0.1) && this.#world.isSetUp) {
      this.#killedAtStart += 1;
      setTimeout(end, this.#random.below(600));
    }
    try {
      await this.#untilServing(server);
    } catch (error) {
      // Only what was killed may end before it serves.
      if (ending === undefined) throw error;
    }
    if (ending === undefined) {
      const { harm } = this.#options;
      const after = harm
        ? harm.lifeMs + this.#random.below(harm.moreMs)
        : 20 + this.#random.below(this.#random.chance(0.2) ? 2_500 : 700);
      const atAcknowledgement = this.#random.chance(0.4);
      void this.#lifeOver(after, isHarmed).then(() => {
        if (!atAcknowledgement) return end();
        this.#killedAtAcknowledgement += 1;
        this.#load.onAcknowledged = end;
        setTimeout(end, 1_000);
      });
      const struck = setInterval(
        () => (this.#random.chance(0.5) ? this.#faults.strike() : this.#faults.relieve()),
        150,
      );
      let from = isHarmed ? Date.now() : null;
      await this.#load.run(server, () => {
        // What was cut off goes on at first.
        if (from === null && this.#load.isHarmless) from = Date.now();
        return over;
      });
      if (from !== null) this.#windows[isHarmed ? 'harmed' : 'calm'].push({ from, to: Date.now() });
      clearInterval(struck);
    }
    await ending;
    this.#load.onAcknowledged = () => undefined;
    this.#faults.relieve();
    this.#faults.afterLife();
  }

  /** After so long; where harm is done, not before a run beside it could be measured, however slow the machine is. */
  async #lifeOver(after: number, isHarmed: boolean): Promise<void> {
    const since = Date.now();
    await pause(after);
    const isMeasured = within(MEASURED_WITHIN_MS, () => !isHarmed || this.#load.countMeasured(since) > 0);
    while (!isMeasured()) await pause(100);
  }

  async #end(server: ServerProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const begun = Date.now();
    const at = now();
    const by = await server.end(signal);
    if (signal === 'SIGKILL') this.#kills.push(at);
    else this.terminated += 1;
    if (signal === 'SIGTERM') this.#slowest = Math.max(this.#slowest, Date.now() - begun);
    if (by !== (signal === 'SIGTERM' ? 0 : 'SIGKILL'))
      this.#ends.push(`${signal} ended a server with ${by}:\n${server.output}`);
  }

  /** Lets all that was begun come to its end, and reads what there is. */
  async settle(): Promise<Evidence> {
    this.#load.letHarm(this.#options.harm !== undefined);
    const server = this.#spawn();
    try {
      await this.#untilServing(server);
      const orders = this.#options.orders ?? 1;
      await this.#load.run(
        server,
        within(SETTLE_MS, () => this.#load.ordered >= orders),
      );
      this.#load.stopOrdering();
      await this.#load.run(
        server,
        within(SETTLE_MS, () => this.#load.open === 0 && this.#load.everyChanceGiven),
      );
      const world = await this.#world.settle(server);
      const records = await readRecords(server);
      await server.end('SIGTERM');
      const firings = this.#world.findFirings(await readKeys(this.#faults.data));
      const executions = readFileSync(join(this.#folder, 'executions.jsonl'), 'utf8').trim().split('\n');
      return {
        told: this.#journal.entries,
        executions: executions.map((line) => JSON.parse(line) as Execution),
        records,
        others: this.#load.others,
        world: { ...world, firings },
        kills: this.#kills,
        overlap: 0,
      };
    } finally {
      await server.end('SIGTERM');
      this.#faults.afterLife();
    }
  }

  report(evidence: Evidence, verdict: Verdict): void {
    const { say } = this.#options;
    for (const unexpected of this.#load.unexpected)
      verdict.hold('answers other than 2xx, 409 and 503', false, () => unexpected);
    verdict.hold('servers ended as they were asked to', this.#ends.length === 0, () => this.#ends.join('\n'));
    const { told, records } = evidence;
    const lines = evidence.executions.filter((line) => line.what === 'start');
    const stretches = new Stretches(records.runs.values(), told);
    const places = new Set(
      lines.map(({ run, node, item, attempt, at }) => [run, stretches.at(run, at)?.index, node, item, attempt].join()),
    );
    const retries = [...records.runs.values()].reduce((sum, { record }) => sum + record.retries, 0);
    const reruns = [...records.runs.values()].filter(({ record }) => record.rerun_of !== null).length;
    say(
      `${this.killed} servers killed (${this.#killedAtStart} while starting, ${this.#killedAtAcknowledgement} at an acknowledgement), ` +
        `${this.terminated} asked to stop${this.terminated === 0 ? '' : ` (the slowest took ${this.#slowest} ms)`}${this.#faults.describe()}`,
    );
    say(
      `${records.runs.size} runs, ${reruns} of them reruns, ${retries} retries; ${lines.length} executions of nodes and items, ${lines.length - places.size} of them again after they were cut off; ` +
        `${this.#load.unanswered} calls cut off, ${this.#load.refused} refused`,
    );
    const times = this.times(evidence);
    if (times !== null) {
      say(`The shortest runs while all behaved: ${describeTimes(times.usual)}`);
      say(`The shortest runs beside those that did harm: ${describeTimes(times.beside)}`);
      const early = timesWithin(records.runs.values(), this.#windows.harmed, EARLY_MS);
      say(`Of those, the ones of each server's first ${EARLY_MS / 1_000} seconds: ${describeTimes(early)}`);
    }
    verdict.print(say);
    say(verdict.violations.length === 0 ? 'Every promise held.' : `${verdict.violations.length} VIOLATIONS`);
  }
}
