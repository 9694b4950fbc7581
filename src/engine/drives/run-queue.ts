import type { Clock } from '../../core/ports/clock.js';
import type { Run } from '../../core/run/run.js';
import type { Limits, LimitUse } from '../../core/tenant/scheduling.js';
import { workflowKeyOfRun } from '../../core/workflow/workflow-key.js';
import { FairQueue, type Ticket } from '../../admission/fair-queue.js';
import { activeOf, Gate, gateIn } from '../../admission/gate.js';
import type { DrivenRunKey } from './driven-run.js';

export interface RunQueueOptions {
  readonly clock: Clock;
  /** The limit of the whole process. */
  readonly limit: number;
  readonly limitsOfOrganization: (organizationId: string) => Limits;
  /** By the workflow's key. */
  readonly limitsOfWorkflow: (workflow: string) => Limits;
}

const RUNS_ACTIVE = 'runs are active';
const NO_GATES: Gate[] = [];

/** The runs that wait to be driven, and how many are. */
export class RunQueue<Entry extends Ticket> {
  readonly #options: RunQueueOptions;
  readonly #queue: FairQueue<Entry>;
  readonly #organizations = new Map<string, Gate>();
  readonly #workflows = new Map<string, Gate>();

  constructor(options: RunQueueOptions) {
    this.#options = options;
    const words = { what: 'a free slot', active: RUNS_ACTIVE };
    this.#queue = new FairQueue(new Gate({ words, limit: options.limit }));
  }

  get size(): number {
    return this.#queue.size;
  }

  useOf(organizationId: string): LimitUse {
    return {
      active: this.#queue.activeOf(organizationId),
      limit: this.#options.limitsOfOrganization(organizationId).runs,
      processLimit: this.#options.limit,
    };
  }

  /** By workflow: how many of its runs are active, where its limit counts them. */
  useOfWorkflows(): ReadonlyMap<string, number> {
    return activeOf(this.#workflows);
  }

  /** What the queue has to know of a run; `run` is null for one that goes on after a wait. */
  ticketOf(key: DrivenRunKey, run: Run | null): Ticket {
    const workflow = workflowKeyOfRun(key);
    const gates = this.#gatesFor(key.organizationId, workflow);
    const begun = run === null || run.status === 'running';
    return {
      id: key.id,
      organizationId: key.organizationId,
      lane: `${workflow} ${gates.length}`,
      gates,
      // What has begun goes on before anything else begins.
      priority: begun ? Number.POSITIVE_INFINITY : (run.priority ?? 0),
      since: run?.createdAt ?? this.#options.clock.now(),
    };
  }

  /** Whether it may go ahead at once; else it is to be added. */
  tryEnter(entry: Entry): boolean {
    return this.#queue.tryEnter(entry, this.#options.clock.now());
  }

  /** Goes ahead though limits may be reached; others then wait for it too. */
  enter(entry: Entry): void {
    this.#queue.enter(entry, this.#options.clock.now());
  }

  add(entry: Entry): void {
    this.#queue.add(entry);
  }

  remove(id: string): Entry | null {
    return this.#queue.remove(id);
  }

  takeNext(): Entry | null {
    return this.#queue.takeNext(this.#options.clock.now());
  }

  takeAll(): Entry[] {
    return this.#queue.takeAll();
  }

  leave(entry: Entry): void {
    this.#queue.leave(entry);
  }

  explain(id: string): string | null {
    return this.#queue.explain(id, this.#options.clock.now());
  }

  limitsChanged(): void {
    for (const [id, gate] of this.#organizations) gate.setLimit(this.#options.limitsOfOrganization(id).runs);
    for (const [id, gate] of this.#workflows) gate.setLimit(this.#options.limitsOfWorkflow(id).runs);
  }

  #gatesFor(organizationId: string, workflow: string): Gate[] {
    const ofOrganization = this.#options.limitsOfOrganization(organizationId).runs;
    const ofWorkflow = this.#options.limitsOfWorkflow(workflow).runs;
    if (ofOrganization === null && ofWorkflow === null) return NO_GATES;
    const gates: Gate[] = [];
    if (ofOrganization !== null) {
      const words = { what: 'the limit of its organization', active: RUNS_ACTIVE };
      gates.push(gateIn(this.#organizations, organizationId, words, ofOrganization));
    }
    if (ofWorkflow !== null) {
      const words = { what: `the limit of workflow ${workflow}`, active: RUNS_ACTIVE };
      gates.push(gateIn(this.#workflows, workflow, words, ofWorkflow));
    }
    return gates;
  }
}
