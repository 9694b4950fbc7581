import type { ApiRun } from '../../src/api/api-types.js';
import type { Again } from '../journal.js';
import type { Random } from '../random.js';
import { FLOWS, HARMFUL, HOOKED, type SecondChance, USUAL } from './workload.js';

/** A run that is to be: sent until it has an answer, with the same key. */
export interface Order {
  readonly key: string;
  readonly workflow: string;
  readonly input: unknown;
  /** The run whose work it does again. */
  readonly again: Again | null;
  readonly path: string;
  readonly body: { readonly callback?: string };
  /** Whether it is a signed delivery to a hook; else a call of the API. */
  readonly isDelivery: boolean;
  /** With what it is sent until that has an answer; null for one that is sent alone. */
  readonly batch: Batch | null;
  sendings: number;
  busy: boolean;
  /** It was refused for now. */
  mustWait: boolean;
}

/** Runs that are started with one call. */
export interface Batch {
  readonly orders: Order[];
  isAcknowledged: boolean;
}

/** A run that a caller has started. */
export interface Started {
  readonly run: string;
  readonly order: Order;
  /** One call at a time for each run, so that what is seen of it has an order. */
  busy: boolean;
  /** As it was seen to have ended; null while it goes on. */
  end: Pick<ApiRun, 'version' | 'status' | 'retries' | 'created_at'> | null;
}

const weighted = (workflows: readonly string[]): readonly string[] =>
  workflows.flatMap((id) => Array.from({ length: FLOWS[id]?.weight ?? 0 }, () => id));

/** How many runs are started with one call, and how often. */
const PER_BATCH = 4;
const BATCHES = 0.08;
/** How often a run is started through a hook, of those that it starts, and with an address that is told of it. */
const DELIVERIES = 0.3;
const CALLBACKS = 0.3;

const DRAW = { usual: weighted(USUAL), harmful: weighted(HARMFUL) };

/** All that was ordered. */
export class Orders {
  readonly all: Order[] = [];
  readonly #random: Random;
  /** Those of which none was drawn yet. */
  readonly #missing = { usual: [...USUAL], harmful: [] as string[] };
  /** Doors through which none has come yet. */
  readonly #closed = { batch: true, hook: true };
  readonly #callback: string;

  /** `callback`: the address that some runs are to tell. */
  constructor(random: Random, callback: string) {
    this.#random = random;
    this.#callback = callback;
  }

  /** Whether there is one of each workflow, and through each door. */
  get hasAll(): boolean {
    const { usual, harmful } = this.#missing;
    return usual.length + harmful.length === 0 && !this.#closed.batch && !this.#closed.hook;
  }

  /** From now on there is to be one of each workflow that does harm, too. */
  admitHarm(): void {
    this.#missing.harmful.push(...HARMFUL);
  }

  /** A run of a workflow: of each once before they are drawn by their weights, so that the shortest load has all of them. */
  draw(which: 'usual' | 'harmful'): Order {
    const workflow = this.#missing[which].shift() ?? this.#random.pick(DRAW[which]) ?? HOOKED;
    if (workflow !== HOOKED || !(this.#closed.hook || this.#random.chance(DELIVERIES))) return this.order(workflow);
    this.#closed.hook = false;
    const input = this.#inputOf(workflow);
    return this.#add({ workflow, input, again: null, path: '', body: {}, isDelivery: true });
  }

  order(workflow: string, more: { readonly batch?: Batch; readonly place?: number } = {}): Order {
    const { batch = null, place } = more;
    // No two of a batch have the same.
    const input = { ...this.#inputOf(workflow), ...(place === undefined ? {} : { place }) };
    const told = this.#random.chance(CALLBACKS) ? { callback: this.#callback } : {};
    const body = { workflow_id: workflow, input, ...told };
    return this.#add({ workflow, input, again: null, path: '/runs', body, batch });
  }

  /** Runs that are sent with one call, now and then; the first of them is given. */
  drawBatch(): Order | undefined {
    if (!this.#closed.batch && !this.#random.chance(BATCHES)) return undefined;
    this.#closed.batch = false;
    const batch: Batch = { orders: [], isAcknowledged: false };
    for (let place = 0; place < PER_BATCH; place += 1) {
      const workflow = this.#missing.usual.shift() ?? this.#random.pick(DRAW.usual) ?? HOOKED;
      batch.orders.push(this.order(workflow, { batch, place }));
    }
    return batch.orders[0];
  }

  rerun({ run, order, end }: Started, { from, input }: Extract<SecondChance, { kind: 'rerun' }>): Order {
    const { workflow } = order;
    const other = input === 'another' ? { input: this.#inputOf(workflow) } : null;
    return this.#add({
      workflow,
      input: other?.input ?? order.input,
      again: { run, version: end?.version ?? 0, from },
      path: `/runs/run_${run}/rerun`,
      body: { ...other, ...(from === null ? {} : { from_node: from }) } as Order['body'],
    });
  }

  #inputOf(workflow: string): { readonly ms: number } {
    const items = { fan: 24, mend: 12, nest: 6 }[workflow];
    return {
      ms: this.#random.below(40),
      ...(items === undefined ? {} : { items: Array.from({ length: items }, (_, index) => index) }),
      ...(workflow === 'parent' ? { child: this.#random.pick(['quick', 'question', 'pause']) } : {}),
    };
  }

  #add(
    order: Pick<Order, 'workflow' | 'input' | 'again' | 'path' | 'body'> & Partial<Pick<Order, 'isDelivery' | 'batch'>>,
  ): Order {
    const key = `order-${this.all.length + 1}`;
    const body = { ...order.body, idempotency_key: key };
    const untried = { sendings: 0, busy: false, mustWait: false };
    const added = { isDelivery: false, batch: null, ...order, key, body, ...untried };
    this.all.push(added);
    return added;
  }
}
