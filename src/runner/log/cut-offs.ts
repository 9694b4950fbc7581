import { countCutOff, crashesAt, crashesSince, listCutOff, type RunCrashes } from '../../core/run/crashes.js';
import { rootOf } from '../../core/run/paths/node-path.js';
import type { RunLog } from './run-log.js';

/** How often the attempts of a run were cut off: by the death of the process, as by the end of a worker. */
export class CutOffs {
  readonly #log: RunLog;
  readonly #times: number;
  /** The attempts that were at work when the run was last cut off, by node. */
  readonly #attempts: ReadonlyMap<string, number>;
  /** What the store knows. */
  #kept: RunCrashes;

  /** `times`: how often what was under way when the run was taken up had been cut off. */
  constructor(log: RunLog, times: number) {
    this.#log = log;
    this.#times = times;
    this.#kept = crashesAt(log.run, times);
    this.#attempts = new Map(listCutOff(log.run, times).map(({ id, attempt }) => [id, attempt]));
  }

  /** Of a node, or of one inside it, before the run was taken up. */
  timesOf(path: string): number {
    const nodeId = rootOf(path);
    const attempt = this.#attempts.get(nodeId);
    if (attempt === undefined) return 0;
    return this.#log.run.nodes.find(({ id }) => id === nodeId)?.attempt === attempt ? this.#times : 0;
  }

  /** A worker has ended by what it did. */
  note(times: number): void {
    this.#kept = countCutOff(this.#log.run, this.#kept, times);
  }

  /**
   * Records that a node, or one inside it, is at work from now on: else the death of the process does not count against
   * it. Null where it counts anyway.
   */
  beginWork(path: string): Promise<void> | null {
    const { run } = this.#log;
    const times = crashesSince(run, this.#kept);
    const node = run.nodes.find(({ id }) => id === rootOf(path));
    if (times === 0 || node?.status !== 'running') return null;
    if (node.cutOffs !== times) {
      this.#log.append({ kind: 'node.started', nodeId: node.id, attempt: node.attempt, cutOffs: times });
    }
    return this.#log.commit();
  }
}
