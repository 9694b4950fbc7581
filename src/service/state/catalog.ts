import type { Clock } from '../../core/ports/clock.js';
import type { HandlerRef, WorkflowDefinition, WorkflowRecord } from '../../core/workflow/definition.js';
import { ErrandError } from '../../core/errors.js';
import type { NodeKind } from '../../core/handlers/node-kind.js';
import { type Limits, NO_LIMITS } from '../../core/tenant/scheduling.js';
import type { Isolation } from '../../core/ports/isolation.js';
import type { Store } from '../../core/ports/store/store.js';
import { createPlanInTurns } from '../../workflow/create-plan.js';
import type { Plan } from '../../workflow/plan/plan.js';

/** A definition that was checked, with where its functions are. */
export interface CatalogSource {
  readonly definition: WorkflowDefinition;
  readonly handlers: { readonly [nodePath: string]: HandlerRef };
  readonly hash: string;
}

export interface CatalogEntry {
  readonly record: WorkflowRecord;
  readonly plan: Plan;
}

/**
 * The workflows that can be started now, each at its newest version, and the plans of the versions that runs are still
 * on.
 */
export class Catalog {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly kinds: ReadonlyMap<string, NodeKind>;
  /** Where checks that may take long are done. */
  readonly isolation: Isolation | undefined;
  #entries = new Map<string, CatalogEntry>();
  readonly #plans = new Map<string, Plan>();
  /** Those that are being made. */
  readonly #underWay = new Map<string, Promise<Plan>>();
  readonly use = new VersionPins();
  readonly #listeners = new Set<() => void>();
  /** Forgotten whenever the entries change. */
  #models = new WeakMap<Plan, readonly (readonly string[])[]>();
  #secrets = new WeakMap<Plan, readonly string[]>();

  /** Without `isolation`, the plans' expressions and checks are all done by this thread. */
  constructor(deps: {
    readonly store: Store;
    readonly clock: Clock;
    readonly kinds: ReadonlyMap<string, NodeKind>;
    readonly isolation?: Isolation;
  }) {
    this.#store = deps.store;
    this.#clock = deps.clock;
    this.kinds = deps.kinds;
    this.isolation = deps.isolation;
  }

  /** Sorted by id. */
  list(): readonly CatalogEntry[] {
    return [...this.#entries.values()];
  }

  get(workflowId: string): CatalogEntry | null {
    return this.#entries.get(workflowId) ?? null;
  }

  /** How much of a workflow may go on at once, as its newest version says. */
  limitsOf(workflowId: string): Limits {
    const { runs = null, nodes = null } = this.#entries.get(workflowId)?.plan.limits ?? {};
    return runs === null && nodes === null ? NO_LIMITS : { runs, nodes };
  }

  /** Lists of models for the plan and the workflows that it runs. One model of each list must be usable. */
  modelsOf(plan: Plan): readonly (readonly string[])[] {
    let models = this.#models.get(plan);
    if (models === undefined) {
      models = this.#findModels(plan);
      this.#models.set(plan, models);
    }
    return models;
  }

  /** The names of secrets for the plan and the workflows that it runs. */
  secretsOf(plan: Plan): readonly string[] {
    let secrets = this.#secrets.get(plan);
    if (secrets === undefined) {
      secrets = [...new Set(this.#withCalled(plan).flatMap((each) => each.secrets))];
      this.#secrets.set(plan, secrets);
    }
    return secrets;
  }

  #findModels(plan: Plan): readonly (readonly string[])[] {
    const lists = new Map(
      this.#withCalled(plan)
        .flatMap(({ models }) => models)
        .map((list) => [list.join(' '), list]),
    );
    return [...lists.values()];
  }

  #withCalled(plan: Plan): readonly Plan[] {
    const seen = new Set([plan.workflowId]);
    const plans = [plan];
    for (const one of plans) {
      for (const id of one.calls) {
        const called = seen.has(id) ? undefined : this.#entries.get(id)?.plan;
        if (called !== undefined) plans.push(called);
        seen.add(id);
      }
    }
    return plans;
  }

  /**
   * Makes these the workflows that can be started. A definition that changed becomes a new version; runs stay on
   * theirs.
   */
  async replaceAll(sources: readonly CatalogSource[]): Promise<void> {
    const entries: CatalogEntry[] = [];
    for (const { definition, handlers, hash } of sources) {
      const record = await this.#store.workflows.saveVersion({
        workflowId: definition.id,
        hash,
        definition,
        handlers,
        at: this.#clock.now(),
      });
      entries.push({ record, plan: await this.#remember(record.version) });
    }
    entries.sort((a, b) => (a.plan.workflowId < b.plan.workflowId ? -1 : 1));
    const before = listVersions(this.list());
    this.#models = new WeakMap();
    this.#secrets = new WeakMap();
    this.#entries = new Map(entries.map((entry) => [entry.plan.workflowId, entry]));
    if (listVersions(entries) === before) return;
    for (const listener of this.#listeners) listener();
  }

  /** Calls `listener` whenever the entries are others than before; returns what ends that. */
  onChanged(listener: () => void): () => void {
    // A function of its own, so that one given twice is called twice and ends twice.
    const own = (): void => listener();
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  /** The plan of any version that was ever kept. */
  async planOf(name: VersionName): Promise<Plan> {
    const { workflowId, version } = name;
    const known = this.#plans.get(`${workflowId}@${version}`);
    if (known !== undefined) return known;
    const kept = await this.#store.workflows.getVersion({ workflowId, version });
    const plan = kept === null || this.use.isRetired(name) ? null : await this.#remember(kept);
    if (plan !== null && !this.use.isRetired(name)) return plan;
    this.#plans.delete(`${workflowId}@${version}`);
    throw new ErrandError('not_found', `Version ${version} of workflow ${workflowId} is not kept any more.`);
  }

  /** Gives up a version whose code is to be removed. False, and nothing done, while it is needed: see `VersionPins`. */
  retire({ workflowId, version }: VersionName): boolean {
    if (this.get(workflowId)?.plan.version === version || !this.use.retire({ workflowId, version })) return false;
    this.#plans.delete(`${workflowId}@${version}`);
    return true;
  }

  /** One plan a version, whoever asks. */
  async #remember(version: WorkflowRecord['version']): Promise<Plan> {
    const key = `${version.workflowId}@${version.version}`;
    const known = this.#plans.get(key);
    if (known !== undefined) return known;
    const made = this.#underWay.get(key) ?? this.#makePlan(version);
    this.#underWay.set(key, made);
    try {
      const plan = await made;
      this.#plans.set(key, plan);
      return plan;
    } finally {
      this.#underWay.delete(key);
    }
  }

  #makePlan({ definition, version, handlers }: WorkflowRecord['version']): Promise<Plan> {
    return createPlanInTurns({ definition, version, handlers, kinds: this.kinds, isolation: this.isolation });
  }
}

function listVersions(entries: readonly CatalogEntry[]): string {
  return entries.map(({ plan }) => `${plan.workflowId}@${plan.version}`).join(' ');
}

export interface VersionName {
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
        `Version ${version.version} of workflow ${version.workflowId} was replaced, and its code removed. Call again.`,
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
