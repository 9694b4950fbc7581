import { rootOf } from '../../core/run/paths/node-path.js';
import type { RunLog } from './run-log.js';

/** How often the attempts of a run were cut off: by the death of the process, as by the end of a worker. */
export class CutOffs {
  readonly #log: RunLog;
  readonly #times: number;
  /** The attempts that were at work when the run was taken up, by node. */
  readonly #attempts: ReadonlyMap<string, number>;

  /** `times`: how often what was under way then had been cut off. */
  constructor(log: RunLog, times: number) {
    this.#log = log;
    this.#times = times;
    const running = log.run.nodes.filter(({ status }) => status === 'running');
    this.#attempts = new Map(running.map(({ id, attempt }) => [id, attempt]));
  }

  /** Of a node, or of one inside it. */
  timesOf(path: string): number {
    const nodeId = rootOf(path);
    const attempt = this.#attempts.get(nodeId);
    if (attempt === undefined) return 0;
    return this.#log.run.nodes.find(({ id }) => id === nodeId)?.attempt === attempt ? this.#times : 0;
  }
}
