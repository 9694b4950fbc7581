import { ErrandError } from '../../core/errors.js';
import { idOfKey } from '../../core/workflow/workflow-key.js';

export interface VersionName {
  /** The workflow's key. */
  readonly workflowId: string;
  readonly version: number;
}

/**
 * Which versions of workflows may be given up. What is to be known of a version is whether any run is on it: the store
 * tells of those that are recorded, and this of those that are being recorded, or were since somebody began to look. A
 * version that was given up takes no run any more.
 */
export class VersionPins {
  readonly #holds = new Map<string, number>();
  readonly #heldSinceLook = new Set<string>();
  readonly #retired = new Set<string>();
  #isLooking = false;

  /** While a run of the version is being recorded. Throws `unavailable` when the version was given up. */
  pin(version: VersionName): void {
    const name = versionKey(version);
    if (this.#retired.has(name)) {
      throw new ErrandError(
        'unavailable',
        `Version ${version.version} of workflow ${idOfKey(version.workflowId)} was replaced, and its code removed. Call again.`,
      );
    }
    this.#holds.set(name, (this.#holds.get(name) ?? 0) + 1);
    if (this.#isLooking) this.#heldSinceLook.add(name);
  }

  /** Once that run is recorded, or was refused. */
  release(version: VersionName): void {
    const name = versionKey(version);
    const left = (this.#holds.get(name) ?? 0) - 1;
    if (left > 0) this.#holds.set(name, left);
    else this.#holds.delete(name);
  }

  /** Before the store is asked which versions runs are on. */
  beginSweep(): void {
    this.#isLooking = true;
    this.#heldSinceLook.clear();
    for (const name of this.#holds.keys()) this.#heldSinceLook.add(name);
  }

  endLook(): void {
    this.#isLooking = false;
    this.#heldSinceLook.clear();
  }

  /** False, and nothing done, when a run of it may have come since the look began. */
  retire(version: VersionName): boolean {
    const name = versionKey(version);
    if (!this.#isLooking || this.#heldSinceLook.has(name)) return false;
    this.#retired.add(name);
    return true;
  }

  isRetired(version: VersionName): boolean {
    return this.#retired.size > 0 && this.#retired.has(versionKey(version));
  }
}

function versionKey({ workflowId, version }: VersionName): string {
  return `${workflowId}@${version}`;
}
