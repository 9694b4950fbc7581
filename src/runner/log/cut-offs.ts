import type { RunLog } from './run-log.js';

/** How often the attempts of a run were cut off: by the death of the process, as by the end of a worker. */
export class CutOffs {
  readonly #log: RunLog;
  readonly #times: number;
  /** The attempts that were at work when the run was taken up, by node. Null where none has been cut off. */
  readonly #attempts: ReadonlyMap<string, number> | null;
  readonly #keep: (times: number) => Promise<void>;

  /** `times`: how often what is under way has been cut off; `keep` has that outlive this process. */
  constructor(params: {
    readonly log: RunLog;
    readonly times: number;
    readonly keep: (times: number) => Promise<void>;
  }) {
    const { log, times, keep } = params;
    this.#log = log;
    this.#times = times;
    this.#keep = keep;
    const running = times === 0 ? [] : log.run.nodes.filter(({ status }) => status === 'running');
    this.#attempts = running.length === 0 ? null : new Map(running.map(({ id, attempt }) => [id, attempt]));
  }

  timesOf(nodeId: string): number {
    const attempt = this.#attempts?.get(nodeId);
    if (attempt === undefined) return 0;
    return this.#log.run.nodes.find(({ id }) => id === nodeId)?.attempt === attempt ? this.#times : 0;
  }

  async note(times: number): Promise<void> {
    // Whoever takes the run up next finds what was at work.
    await this.#log.commit();
    await this.#keep(times);
  }
}
