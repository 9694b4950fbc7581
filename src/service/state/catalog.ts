import type { Clock } from '../../core/ports/clock.js';
import {
  bundlesOf,
  type HandlerRef,
  type WorkflowDefinition,
  type WorkflowRecord,
  type WorkflowVersion,
} from '../../core/workflow/definition.js';
import { ErrandError, errorMessage, isErrandError } from '../../core/errors.js';
import type { NodeKind } from '../../core/handlers/node-kind.js';
import { Mutex } from '../../core/mutex.js';
import { type Limits, NO_LIMITS } from '../../core/tenant/scheduling.js';
import type { Isolation } from '../../core/ports/isolation.js';
import type { Store } from '../../core/ports/store/store.js';
import type { PublishedWorkflow } from '../../core/ports/store/workflows/publication-store.js';
import { idOfKey, ownerOfKey, workflowKey } from '../../core/workflow/workflow-key.js';
import { createPlanInTurns } from '../../workflow/create-plan.js';
import type { Plan } from '../../workflow/plan/plan.js';
import { type VersionName, VersionPins } from './version-pins.js';

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

/** Names of models or secrets that must be usable; `onlyOwn`: as the organization's own. */
export interface NeededNames {
  readonly onlyOwn: boolean;
  readonly names: readonly string[];
}

/** A published workflow that cannot be started, and why. */
export interface Unusable extends PublishedWorkflow {
  readonly reason: string;
}

type Entries = ReadonlyMap<string, CatalogEntry>;

const NONE: Entries = new Map();

/** What makes the workflows of every organization what they are. */
interface Seen {
  readonly shared: Entries;
  readonly published: ReadonlyMap<string, Entries>;
  readonly unusable: ReadonlySet<string>;
}

/**
 * The workflows that can be started now, each at one version, and the plans of the versions that runs are still on.
 *
 * A workflow comes from files (or code), or was published: for all organizations, or as one organization's own. Of the
 * same id, an organization's own goes before one that was published for all, and that before one of the files.
 */
export class Catalog {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly kinds: ReadonlyMap<string, NodeKind>;
  /** Where checks that may take long are done. */
  readonly isolation: Isolation | undefined;
  #sources: readonly CatalogSource[] = [];
  /** Of the files, those that no published one hides. */
  #ofFiles: Entries = NONE;
  /** By owner; of those for all, the owner is empty. */
  #published: ReadonlyMap<string, Entries> = new Map();
  /** What those see that have no workflows of their own. Sorted by id. */
  #shared: Entries = NONE;
  /** The keys of published workflows that cannot be started. What they hide stays hidden. */
  #unusable: ReadonlySet<string> = new Set();
  readonly #plans = new Map<string, Plan>();
  /** Those that are being made. */
  readonly #underWay = new Map<string, Promise<Plan>>();
  readonly use = new VersionPins();
  readonly #turns = new Mutex();
  readonly #listeners = new Set<(owner: string | null) => void>();
  /** Whose own workflows the operator answers for. */
  #trusted: string | null = null;
  /** Forgotten whenever the entries change. */
  #called = new WeakMap<Plan, readonly Plan[]>();
  readonly #handlers = new WeakMap<Plan, readonly HandlerRef[]>();

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

  /** Lets the own workflows of this organization use what is the server's. To be called before any is loaded. */
  trust(organizationId: string): void {
    this.#trusted = organizationId;
  }

  /** While a run of the version is being recorded: its code stays. Throws `unavailable` when it was given up. */
  pin(version: VersionName): void {
    this.use.pin(version);
  }

  /** Once that run is recorded, or was refused. */
  release(version: VersionName): void {
    this.use.release(version);
  }

  /** Whether workflows of this owner may use only what is their organization's. */
  isRestricted(owner: string | null): boolean {
    return owner !== null && owner !== this.#trusted;
  }

  /** Whether a plan is the operator's, seen from a workflow whose author is somebody else. */
  isForeign(plan: Plan, owner: string | null): boolean {
    return this.isRestricted(owner) && plan.owner === null;
  }

  /** Those that an organization can start; null: those for all. Sorted by id. */
  list(organizationId: string | null): readonly CatalogEntry[] {
    const own = this.#ownOf(organizationId);
    if (own.size === 0 && this.#unusable.size === 0) return [...this.#shared.values()];
    const all = [...new Map([...this.#shared, ...own]).values()];
    return sortById(all.filter(({ plan }) => !this.#isHidden(plan.workflowId, organizationId)));
  }

  /** Those of files. */
  listOfFiles(): readonly CatalogEntry[] {
    return [...this.#ofFiles.values()];
  }

  /** The SHA-256 of the bundles of files, those of hidden workflows too. */
  bundlesOfFiles(): ReadonlySet<string> {
    const refs = this.#sources.flatMap(({ handlers }) => Object.values(handlers));
    return bundlesOf(refs);
  }

  /** Those for all, and then the own ones of every organization. */
  listEveryones(): readonly CatalogEntry[] {
    const own = [...this.#published].flatMap(([owner, entries]) => (owner === '' ? [] : [...entries.values()]));
    return [...this.#shared.values(), ...own];
  }

  /** As an organization sees it; null: as all do. */
  get(workflowId: string, organizationId: string | null): CatalogEntry | null {
    if (this.#isHidden(workflowId, organizationId)) return null;
    return this.#ownOf(organizationId).get(workflowId) ?? this.#shared.get(workflowId) ?? null;
  }

  /** Whether the organization has published one of this id that cannot be started: nothing else is run in its place. */
  #isHidden(workflowId: string, organizationId: string | null): boolean {
    return this.#unusable.size > 0 && this.#unusable.has(workflowKey({ workflowId, organizationId }));
  }

  #ownOf(organizationId: string | null): Entries {
    return organizationId === null ? NONE : (this.#published.get(organizationId) ?? NONE);
  }

  /**
   * How much of a workflow may go on at once, by its key, as its newest version says. An organization's own have no
   * limits.
   */
  limitsOf(workflow: string): Limits {
    const { runs = null, nodes = null } = this.#shared.get(workflow)?.plan.limits ?? {};
    return runs === null && nodes === null ? NO_LIMITS : { runs, nodes };
  }

  /** Lists of models for the plan and the workflows that it runs. One model of each list must be usable. */
  modelsOf(plan: Plan): readonly NeededNames[] {
    return this.#needsOf(plan, ({ models }) => models);
  }

  /** The names of secrets for the plan and the workflows that it runs. */
  secretsOf(plan: Plan): readonly NeededNames[] {
    return this.#needsOf(plan, ({ secrets }) => (secrets.length === 0 ? [] : [secrets]));
  }

  /** The published functions of the plan and the workflows that it runs. */
  handlersOf(plan: Plan): readonly HandlerRef[] {
    return this.#withCalled(plan).flatMap((each) => this.#handlers.get(each) ?? []);
  }

  #needsOf(plan: Plan, listsOf: (plan: Plan) => readonly (readonly string[])[]): readonly NeededNames[] {
    const needs = this.#withCalled(plan).flatMap((each) =>
      listsOf(each).map(
        (names) => [`${each.isRestricted} ${names.join(' ')}`, { onlyOwn: each.isRestricted, names }] as const,
      ),
    );
    return [...new Map(needs).values()];
  }

  #withCalled(plan: Plan): readonly Plan[] {
    let plans = this.#called.get(plan);
    if (plans === undefined) {
      plans = this.#findCalled(plan);
      this.#called.set(plan, plans);
    }
    return plans;
  }

  #findCalled(plan: Plan): readonly Plan[] {
    const seen = new Set([plan.key]);
    const plans = [plan];
    for (const one of plans) {
      for (const id of one.calls) {
        const called = this.get(id, one.owner)?.plan;
        if (called === undefined || seen.has(called.key)) continue;
        seen.add(called.key);
        plans.push(called);
      }
    }
    return plans;
  }

  /**
   * Makes these the workflows of files. A definition that changed becomes a new version; runs stay on theirs. One that
   * is hidden by a published one is kept for when that goes.
   */
  async replaceAll(sources: readonly CatalogSource[]): Promise<void> {
    await this.#turns.take(async () => {
      this.#sources = sources;
      await this.#set(this.#published, this.#unusable);
    });
  }

  /** Makes these the published workflows; tells of those that cannot be taken. Throws `unavailable`: as before, then. */
  async setPublished(published: readonly PublishedWorkflow[]): Promise<readonly Unusable[]> {
    return this.#turns.take(async () => {
      const unusable: Unusable[] = [];
      const byOwner = new Map<string, Map<string, CatalogEntry>>();
      for (const each of published) {
        const owner = each.organizationId ?? '';
        const entries = byOwner.get(owner) ?? new Map<string, CatalogEntry>();
        byOwner.set(owner, entries);
        try {
          entries.set(each.workflowId, await this.#publishedEntry(each));
        } catch (error) {
          // Of one that cannot be read just now nothing is known yet.
          if (isErrandError(error) && error.code === 'unavailable') throw error;
          unusable.push({ ...each, reason: errorMessage(error) });
        }
      }
      await this.#set(byOwner, new Set(unusable.map(workflowKey)));
      return unusable;
    });
  }

  async #publishedEntry({ organizationId, workflowId, version }: PublishedWorkflow): Promise<CatalogEntry> {
    const known = this.#published.get(organizationId ?? '')?.get(workflowId);
    if (known?.plan.version === version) return known;
    const key = workflowKey({ workflowId, organizationId });
    const plan = await this.planOf({ workflowId: key, version });
    const kept = await this.#store.workflows.getVersion({ workflowId: key, version });
    const [first] = await this.#store.workflows.listOf({ workflowId: key, limit: 1, before: 2 });
    if (kept === null) throw new ErrandError('not_found', 'This version is not kept any more.');
    const { createdAt } = kept;
    return {
      plan,
      record: { version: { ...kept, workflowId }, createdAt: first?.createdAt ?? createdAt, updatedAt: createdAt },
    };
  }

  /** All in one moment: in none is another workflow seen through one that takes its place. */
  async #set(published: ReadonlyMap<string, Entries>, unusable: ReadonlySet<string>): Promise<void> {
    const forAll = published.get('') ?? NONE;
    const ofFiles: CatalogEntry[] = [];
    for (const source of this.#sources)
      if (!forAll.has(source.definition.id) && !unusable.has(source.definition.id))
        ofFiles.push(await this.#entryOf(source));
    const before = { shared: this.#shared, published: this.#published, unusable: this.#unusable };
    this.#ofFiles = toMap(sortById(ofFiles));
    this.#shared = toMap(sortById([...this.#ofFiles.values(), ...forAll.values()]));
    this.#published = published;
    this.#unusable = unusable;
    this.#called = new WeakMap();
    this.#tell(before, { shared: this.#shared, published, unusable });
  }

  /** Listeners are told for all, or for each organization whose own have changed. */
  #tell(before: Seen, after: Seen): void {
    const owners = [...new Set([...ownersOf(before), ...ownersOf(after)])].filter(
      (owner) => tellOwn(before, owner) !== tellOwn(after, owner),
    );
    const changed = listVersions(before.shared) === listVersions(after.shared) ? owners : [null];
    for (const owner of changed) for (const listener of this.#listeners) listener(owner);
  }

  async #entryOf({ definition, handlers, hash }: CatalogSource): Promise<CatalogEntry> {
    const saved = { workflowId: definition.id, hash, definition, handlers, at: this.#clock.now() };
    const record = await this.#store.workflows.saveVersion(saved);
    return { record, plan: await this.#remember(record.version) };
  }

  /**
   * Calls `listener` whenever the entries are others than before, with the organization whose own have changed, or null
   * for all; returns what ends that.
   */
  onChanged(listener: (owner: string | null) => void): () => void {
    // A function of its own, so that one given twice is called twice and ends twice.
    const own = (owner: string | null): void => listener(owner);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  /** The plan of any version that was ever kept, by the workflow's key. */
  async planOf(name: VersionName): Promise<Plan> {
    const { workflowId, version } = name;
    const known = this.#plans.get(`${workflowId}@${version}`);
    if (known !== undefined) return known;
    const kept = await this.#store.workflows.getVersion({ workflowId, version });
    const plan = kept === null || this.use.isRetired(name) ? null : await this.#remember(kept);
    if (plan !== null && !this.use.isRetired(name)) return plan;
    this.#plans.delete(`${workflowId}@${version}`);
    throw notKept(idOfKey(workflowId), version);
  }

  /**
   * The plan of a version of the workflow that an id names to an owner, or once named to all. The id may be any text: the
   * key of another organization's workflow names nothing.
   */
  async planNamed({ workflowId, version, owner }: VersionName & { readonly owner: string | null }): Promise<Plan> {
    const entry = this.get(workflowId, owner);
    if (entry === null && ownerOfKey(workflowId) !== null) throw notKept(workflowId, version);
    return this.planOf({ workflowId: entry?.plan.key ?? workflowId, version });
  }

  /** Gives up a version whose code is to be removed. False, and nothing done, while it is needed: see `VersionPins`. */
  retire({ workflowId, version }: VersionName): boolean {
    const isCurrent = this.listEveryones().some(({ plan }) => plan.key === workflowId && plan.version === version);
    if (isCurrent || !this.use.retire({ workflowId, version })) return false;
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

  async #makePlan({ workflowId: key, definition, version, handlers }: WorkflowVersion): Promise<Plan> {
    const isRestricted = this.isRestricted(ownerOfKey(key));
    const { kinds, isolation } = this;
    const plan = await createPlanInTurns({ definition, version, key, isRestricted, handlers, kinds, isolation });
    const published = Object.values(handlers).filter((ref) => ref.kind === 'bundle' && ref.published !== undefined);
    if (published.length > 0) this.#handlers.set(plan, published);
    return plan;
  }
}

function notKept(workflowId: string, version: number): ErrandError {
  return new ErrandError('not_found', `Version ${version} of workflow ${workflowId} is not kept any more.`);
}

const toMap = (entries: readonly CatalogEntry[]): Entries =>
  new Map(entries.map((entry) => [entry.plan.workflowId, entry]));

function sortById(entries: readonly CatalogEntry[]): CatalogEntry[] {
  return entries.toSorted((a, b) => (a.plan.workflowId < b.plan.workflowId ? -1 : 1));
}

function listVersions(entries: Entries): string {
  return [...entries.values()].map(({ plan }) => `${plan.key}@${plan.version}`).join(' ');
}

function ownersOf({ published, unusable }: Seen): readonly string[] {
  const owners = [...published.keys(), ...[...unusable].map((key) => ownerOfKey(key) ?? '')];
  return owners.filter((owner) => owner !== '');
}

/** The same text as long as its own are the same, those that cannot be started among them. */
function tellOwn({ published, unusable }: Seen, owner: string): string {
  const hidden = [...unusable].filter((key) => ownerOfKey(key) === owner).toSorted();
  return [listVersions(published.get(owner) ?? NONE), ...hidden].join(' ');
}
