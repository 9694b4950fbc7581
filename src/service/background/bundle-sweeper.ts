import { pause, type Clock } from '../../core/ports/clock.js';
import type { WorkflowVersion } from '../../core/workflow/definition.js';
import { errorMessage } from '../../core/errors.js';
import type { Logger } from '../../core/ports/logger.js';
import type { Store } from '../../core/ports/store/store.js';
import type { Mutex } from '../../core/mutex.js';
import type { Catalog } from '../state/catalog.js';
import { describeVersions, type KeptVersion } from './version-needs.js';

/** The files that hold the code of workflow versions, by its SHA-256. */
export interface BundleFiles {
  list(): Promise<readonly string[]>;
  remove(sha: string): Promise<void>;
  /** Removes what writes that were cut off have left. */
  removeLeftovers(): Promise<void>;
}

export interface BundleSweeperOptions {
  readonly store: Store;
  readonly catalog: Catalog;
  readonly bundles: BundleFiles;
  /**
   * Workflows are loaded, and bundles removed, in turns: what was just written is in the catalog before it can be found
   * to be of no use.
   */
  readonly turns: Mutex;
  readonly clock: Clock;
  readonly logger: Logger;
}

const VERSIONS_PER_STEP = 50;
const RUNS_PER_STEP = 500;
const PAUSE_MS = 10;

/**
 * Removes the code that no run can need any more. Kept is the code of each workflow's newest version, of versions that
 * runs are on (also ended ones: they may be retried or rerun), and of versions that a `workflow` node names.
 *
 * 1. A bundle goes only while nothing is loaded, and only when the catalog has not changed since the look began.
 * 2. Before it goes, every version that it belongs to is given up: from then on no run of it can be recorded.
 */
export class BundleSweeper {
  readonly #options: BundleSweeperOptions;
  #changes = 0;
  #isDue = true;
  /**
   * Runs for whose sake old versions were kept at the latest look. When one of them is gone, it is time to look again.
   */
  #keptFor: readonly string[] = [];
  #isStopped = false;

  constructor(options: BundleSweeperOptions) {
    this.#options = options;
    options.catalog.onChanged(() => {
      this.#changes += 1;
      this.#isDue = true;
    });
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** Looks once, if anything has changed since it last did; returns how many bundles are gone. */
  async sweep(): Promise<number> {
    if (!this.#isDue && (await this.#areThere(this.#keptFor))) return 0;
    this.#isDue = false;
    const { catalog } = this.#options;
    catalog.use.beginSweep();
    try {
      return await this.#look();
    } catch (error) {
      this.#isDue = true;
      throw error;
    } finally {
      catalog.use.endLook();
    }
  }

  async #look(): Promise<number> {
    const { bundles, turns, logger } = this.#options;
    const changes = this.#changes;
    await turns.take(() => bundles.removeLeftovers());
    const files = await bundles.list();
    if (files.length === 0) return 0;
    const { versions, isNamed } = describeVersions(await this.#listVersions(), this.#options.catalog.kinds);
    const current = new Set(versions.filter(({ isNewest }) => isNewest).flatMap((version) => [...version.bundles]));
    const held = this.#options.catalog.bundlesOfFiles();
    const candidates = files.filter((sha) => !current.has(sha) && !held.has(sha));
    const owners = new Map(candidates.map((sha) => [sha, versions.filter((version) => version.bundles.has(sha))]));
    const wanted = new Set([...owners.values()].flat().filter((version) => !isNamed(version)));
    const runs = await this.#findRuns(wanted);
    this.#keptFor = [...runs.values()];
    let removed = 0;
    for (const [sha, own] of owners) {
      if (this.#isStopped || own.some((version) => isNamed(version) || runs.has(version))) continue;
      if (await turns.take(() => this.#remove(sha, own, changes))) removed += 1;
      await pause(this.#options.clock, PAUSE_MS);
    }
    if (removed > 0) logger.info({ bundles: removed }, 'Code of old workflow versions was removed');
    return removed;
  }

  async #remove(sha: string, owners: readonly KeptVersion[], changes: number): Promise<boolean> {
    const { catalog, bundles, logger } = this.#options;
    if (changes !== this.#changes) return false;
    if (!owners.every((version) => catalog.retire(version))) {
      this.#isDue = true;
      return false;
    }
    try {
      await bundles.remove(sha);
      return true;
    } catch (error) {
      logger.warn({ bundle: sha, error: errorMessage(error) }, 'Code of an old workflow version could not be removed');
      return false;
    }
  }

  async #listVersions(): Promise<readonly WorkflowVersion[]> {
    const listed: WorkflowVersion[] = [];
    for (;;) {
      const after = listed.at(-1) ?? null;
      const page = await this.#options.store.workflows.listVersions({ after, limit: VERSIONS_PER_STEP });
      listed.push(...page);
      if (page.length < VERSIONS_PER_STEP) return listed;
      await pause(this.#options.clock, PAUSE_MS);
    }
  }

  /** For each of the versions the newest run that is on it, if there is one. Reads no further than it must. */
  async #findRuns(versions: ReadonlySet<KeptVersion>): Promise<ReadonlyMap<KeptVersion, string>> {
    const found = new Map<KeptVersion, string>();
    const byName = new Map([...versions].map((version) => [`${version.workflowId}@${version.version}`, version]));
    for (let upTo: string | null = null; found.size < byName.size && !this.#isStopped;) {
      const runs = await this.#options.store.runs.listVersions({ upTo, limit: RUNS_PER_STEP });
      for (const { runId, workflowId, version } of runs) {
        const kept = byName.get(`${workflowId}@${version}`);
        if (kept !== undefined && !found.has(kept)) found.set(kept, runId);
      }
      const last = runs.at(-1)?.runId;
      if (last === undefined || runs.length < RUNS_PER_STEP) break;
      upTo = last;
      await pause(this.#options.clock, PAUSE_MS);
    }
    return found;
  }

  async #areThere(runIds: readonly string[]): Promise<boolean> {
    for (const runId of runIds) {
      const [run] = await this.#options.store.runs.listVersions({ upTo: runId, limit: 1 });
      if (run?.runId !== runId) return false;
    }
    return true;
  }
}
