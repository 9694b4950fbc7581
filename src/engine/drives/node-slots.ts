import { abortable } from '../../core/abortable.js';
import type { Clock } from '../../core/ports/clock.js';
import type { NodeSlot, NodeSlotRequest, NodeSlots } from '../../core/ports/node-slots.js';
import type { Limits, LimitUse, ResourceLimits, ResourceUse } from '../../core/tenant/scheduling.js';
import { FairQueue, type Ticket } from '../../admission/fair-queue.js';
import { activeOf, Gate, gateIn } from '../../admission/gate.js';

interface SlotTicket extends Ticket {
  readonly request: NodeSlotRequest;
  /** Null for one that did not have to wait. */
  grant: ((slot: NodeSlot) => void) | null;
}

export interface LocalNodeSlotsOptions {
  readonly clock: Clock;
  /** The limit of the whole process. */
  readonly limit: number | null;
  readonly limitsOfOrganization: (organizationId: string) => Limits;
  /** By the workflow's key. */
  readonly limitsOfWorkflow: (workflow: string) => Limits;
  /** Null for a resource that is not declared: it has no limits. */
  readonly limitsOfResource: (resource: string) => ResourceLimits | null;
}

const FREE: NodeSlot = { release: () => undefined };
const NO_REASONS: ReadonlyMap<string, string> = new Map();
const NODES_WORK = 'nodes are working';
const AT_WORK = 'are at work';

/** Limits on nodes, within this process. What a resource was used for in an earlier process is not known. */
export class LocalNodeSlots implements NodeSlots {
  readonly #options: LocalNodeSlotsOptions;
  readonly #queue: FairQueue<SlotTicket>;
  readonly #process: Gate;
  readonly #organizations = new Map<string, Gate>();
  readonly #workflows = new Map<string, Gate>();
  readonly #resources = new Map<string, Gate>();
  /** By pool and, for the shares, by pool and organization. */
  readonly #pools = new Map<string, Gate>();
  /** What waits, by run and node: a map's node has many. */
  readonly #waiting = new Map<string, Map<string, Set<SlotTicket>>>();
  #count = 0;
  #closed = false;
  #cancelTimer: (() => void) | null = null;

  constructor(options: LocalNodeSlotsOptions) {
    this.#options = options;
    this.#process = new Gate({ words: { what: 'a free slot', active: NODES_WORK }, limit: options.limit });
    this.#queue = new FairQueue(this.#process);
  }

  /** Nodes are counted where a limit of the organization or of the process needs it. */
  useOf(organizationId: string): LimitUse {
    const { nodes: limit } = this.#options.limitsOfOrganization(organizationId);
    const { limit: processLimit } = this.#options;
    const isCounted = limit !== null || processLimit !== null;
    return { active: isCounted ? this.#queue.activeOf(organizationId) : null, limit, processLimit };
  }

  /** By workflow: how many of its nodes are active, where its limit counts them. */
  useOfWorkflows(): ReadonlyMap<string, number> {
    return activeOf(this.#workflows);
  }

  useOfResources(): ReadonlyMap<string, ResourceUse> {
    const now = this.#options.clock.now();
    return new Map(
      [...this.#resources].map(([name, gate]) => [name, { active: gate.active, begun: gate.begunAt(now) }]),
    );
  }

  /** How many uses wait. */
  get waiting(): number {
    return this.#queue.size;
  }

  take(request: NodeSlotRequest): NodeSlot | Promise<NodeSlot> {
    const gates = this.#gatesFor(request);
    if (gates.length === 0 && !this.#process.limits) return FREE;
    const now = this.#options.clock.now();
    const ticket: SlotTicket = {
      id: String((this.#count += 1)),
      organizationId: request.organizationId,
      // Limits may come and go: only tickets with the same gates share a lane.
      lane: `${request.workflow} ${request.resource ?? ''} ${request.pool?.name ?? ''} ${gates.length}`,
      gates,
      priority: request.priority,
      since: now,
      request,
      grant: null,
    };
    if (!this.#closed && this.#queue.tryEnter(ticket, now)) return this.#slotOf(ticket);
    return this.#wait(ticket);
  }

  /** What nodes of a run wait for, by node id. */
  explain(runId: string): ReadonlyMap<string, string> {
    const waiting = this.#waiting.get(runId);
    if (waiting === undefined) return NO_REASONS;
    const reasons = new Map<string, string>();
    for (const [nodeId, tickets] of waiting) {
      const [first] = tickets;
      const reason = first === undefined ? null : this.#queue.explain(first.id, this.#options.clock.now());
      if (reason !== null) reasons.set(nodeId, reason);
    }
    return reasons;
  }

  /** Limits have changed: some of those that wait may go ahead. */
  refresh(): void {
    for (const [id, gate] of this.#organizations) gate.setLimit(this.#options.limitsOfOrganization(id).nodes);
    for (const [id, gate] of this.#workflows) gate.setLimit(this.#options.limitsOfWorkflow(id).nodes);
    for (const resource of this.#resources.keys()) {
      this.#gateOfResource(resource, this.#options.limitsOfResource(resource) ?? { concurrency: null, rate: null });
    }
    this.#pump();
  }

  /** Grants nothing more; those that wait do so until their signals abort. */
  close(): void {
    this.#closed = true;
    this.#cancelTimer?.();
  }

  #gatesFor({ organizationId, workflow, resource, pool }: NodeSlotRequest): Gate[] {
    const gates: Gate[] = [];
    const { nodes: ofOrganization } = this.#options.limitsOfOrganization(organizationId);
    if (ofOrganization !== null) {
      const words = { what: 'the limit of its organization', active: NODES_WORK };
      gates.push(gateIn(this.#organizations, organizationId, words, ofOrganization));
    }
    const { nodes: ofWorkflow } = this.#options.limitsOfWorkflow(workflow);
    if (ofWorkflow !== null) {
      const words = { what: `the limit of workflow ${workflow}`, active: NODES_WORK };
      gates.push(gateIn(this.#workflows, workflow, words, ofWorkflow));
    }
    const limits = resource === null ? null : this.#options.limitsOfResource(resource);
    if (resource !== null && limits !== null) gates.push(this.#gateOfResource(resource, limits));
    if (pool !== null) {
      const share = { what: `${pool.name} for its organization`, active: AT_WORK };
      gates.push(gateIn(this.#pools, `${pool.name} ${organizationId}`, share, pool.perOrganization));
      gates.push(gateIn(this.#pools, pool.name, { what: pool.name, active: AT_WORK }, pool.size));
    }
    return gates;
  }

  #gateOfResource(resource: string, limits: ResourceLimits): Gate {
    let gate = this.#resources.get(resource);
    if (gate === undefined) {
      const words = { what: `the resource ${resource}`, active: 'uses are under way' };
      gate = new Gate({ words, limit: limits.concurrency, rate: limits.rate });
      this.#resources.set(resource, gate);
    } else {
      gate.setLimit(limits.concurrency);
      gate.setRate(limits.rate);
    }
    return gate;
  }

  #wait(ticket: SlotTicket): Promise<NodeSlot> {
    return abortable(ticket.request.signal, (resolve) => {
      ticket.grant = (slot) => {
        this.#forget(ticket);
        resolve(slot);
      };
      this.#queue.add(ticket);
      this.#remember(ticket);
      this.#armTimer();
      return () => {
        this.#queue.remove(ticket.id);
        this.#forget(ticket);
      };
    });
  }

  #slotOf(ticket: SlotTicket): NodeSlot {
    return {
      release: () => {
        this.#queue.leave(ticket);
        if (this.#queue.size > 0) this.#pump();
      },
    };
  }

  #pump(): void {
    if (this.#closed) return;
    const now = this.#options.clock.now();
    for (let next = this.#queue.takeNext(now); next !== null; next = this.#queue.takeNext(now)) {
      next.grant?.(this.#slotOf(next));
    }
    this.#armTimer();
  }

  /** A rate opens with time alone. */
  #armTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    if (this.#closed || this.#queue.size === 0) return;
    const { clock } = this.#options;
    const now = clock.now();
    const at = this.#queue.opensAt(now);
    if (at === null) return;
    this.#cancelTimer = clock.schedule(Math.max(1, at - now), () => this.#pump());
  }

  #remember(ticket: SlotTicket): void {
    const { runId, nodeId } = ticket.request;
    const ofRun = this.#waiting.get(runId) ?? new Map<string, Set<SlotTicket>>();
    const ofNode = ofRun.get(nodeId) ?? new Set<SlotTicket>();
    this.#waiting.set(runId, ofRun.set(nodeId, ofNode.add(ticket)));
  }

  #forget(ticket: SlotTicket): void {
    const { runId, nodeId } = ticket.request;
    const ofRun = this.#waiting.get(runId);
    const ofNode = ofRun?.get(nodeId);
    if (ofNode?.delete(ticket) === true && ofNode.size === 0) ofRun?.delete(nodeId);
    if (ofRun?.size === 0) this.#waiting.delete(runId);
  }
}
