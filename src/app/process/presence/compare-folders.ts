import type { Logger } from '../../../core/ports/logger.js';

/** Ids of workflows that a process has from its folder, with the version that each is. */
export type FolderWorkflows = ReadonlyMap<string, number>;

export interface OtherProcess {
  readonly id: string;
  /** Host and process, for people. */
  readonly place: string;
  readonly workflows: FolderWorkflows;
}

/** While processes of a new version take over, folders differ: told when a difference was seen so often in a row. */
const PATIENCE = 6;
const MAX_TOLD = 10;

/** Tells, once, that processes which share their records have different folders of workflows. */
export class FolderComparison {
  readonly #logger: Logger;
  readonly #seen = new Map<string, { readonly difference: string; times: number }>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  compare(own: FolderWorkflows, others: readonly OtherProcess[]): void {
    for (const id of this.#seen.keys()) if (!others.some((other) => other.id === id)) this.#seen.delete(id);
    for (const { id, place, workflows } of others) {
      const difference = describeDifference(own, workflows);
      const before = this.#seen.get(id);
      if (difference === null) {
        this.#seen.delete(id);
        if (before !== undefined && before.times >= PATIENCE)
          this.#logger.info({ process: place }, 'Another process has the same folder of workflows again');
        continue;
      }
      const times = before?.difference === difference ? before.times + 1 : 1;
      this.#seen.set(id, { difference, times });
      if (times !== PATIENCE) continue;
      this.#logger.warn(
        { process: place, workflows: difference },
        'Another process has other workflows in its folder: callers get one or the other. Give all processes the same folder, or publish the workflows',
      );
    }
  }
}

function describeDifference(own: FolderWorkflows, other: FolderWorkflows): string | null {
  const ids = [...new Set([...own.keys(), ...other.keys()])].toSorted();
  const differing = ids.filter((id) => own.get(id) !== other.get(id));
  if (differing.length === 0) return null;
  const told = differing
    .slice(0, MAX_TOLD)
    .map((id) => `${id} (${versionOf(own, id)} here, ${versionOf(other, id)} there)`);
  const more = differing.length - told.length;
  return told.join(', ') + (more > 0 ? `, and ${more} more` : '');
}

function versionOf(workflows: FolderWorkflows, id: string): string {
  const version = workflows.get(id);
  return version === undefined ? 'none' : `version ${version}`;
}
