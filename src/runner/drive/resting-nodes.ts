import { findExecution } from '../../core/run/node-execution.js';
import type { DriveContext } from '../attempt/drive-context.js';
import { earlier } from '../waits/earlier.js';

/** The nodes of a run that are being executed and hold others, all of which wait. */
export class RestingNodes {
  readonly #session: DriveContext;
  readonly #resting = new Set<string>();

  constructor(session: DriveContext) {
    this.#session = session;
  }

  get size(): number {
    return this.#resting.size;
  }

  delete(nodeId: string): void {
    this.#resting.delete(nodeId);
  }

  /** One of them has come to rest, or something inside it goes on. */
  note(nodeId: string, isAwake: boolean): void {
    if (isAwake) this.#resting.delete(nodeId);
    else this.#resting.add(nodeId);
    const { log, abort } = this.#session;
    const execution = isAwake && !abort.aborted ? findExecution(log.run.nodes, nodeId) : undefined;
    // It was about to be parked.
    if (execution?.waitingFor !== 'nodes') return;
    log.append({ kind: 'node.started', nodeId, attempt: execution.attempt, holds: true });
  }

  /** When something happens by itself inside them. */
  nextWake(): number | null {
    let first: number | null = null;
    for (const nodeId of this.#resting) first = earlier(first, this.#session.inside.waits.nextWake(nodeId));
    return first;
  }

  /** Before the run is parked: while nobody drives it, their records tell that they wait. */
  record(): void {
    const { log, inside } = this.#session;
    for (const nodeId of this.#resting) {
      const execution = findExecution(log.run.nodes, nodeId);
      if (execution?.status !== 'running') continue;
      const wait = { for: 'nodes', until: inside.waits.nextWake(nodeId) } as const;
      log.append({ kind: 'node.waiting', nodeId, attempt: execution.attempt, wait });
    }
  }
}
