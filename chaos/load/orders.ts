import type { ApiRun } from '../../src/api/api-types.js';
import type { Again } from '../journal.js';
import type { Random } from '../random.js';
import { FLOWS, HARMFUL, type SecondChance, USUAL } from './workload.js';

/** A run that is to be: sent until it has an answer, with the same key. */
export interface Order {
  readonly key: string;
  readonly workflow: string;
  readonly input: unknown;
  /** The run whose work it does again. */
  readonly again: Again | null;
  readonly path: string;
  readonly body: unknown;
  sendings: number;
  busy: boolean;
  /** It was refused for now. */
  mustWait: boolean;
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

const DRAW = { usual: weighted(USUAL), harmful: weighted(HARMFUL) };

/** All that was ordered. */
export class Orders {
  readonly all: Order[] = [];
  readonly #random: Random;
  /** Those of which none was drawn yet. */
  readonly #missing = { usual: [...USUAL], harmful: [] as string[] };

  constructor(random: Random) {
    this.#random = random;
  }

  /** Whether there is one of each workflow. */
  get hasAll(): boolean {
    return this.#missing.usual.length + this.#missing.harmful.length === 0;
  }

  /** From now on there is to be one of each workflow that does harm, too. */
  admitHarm(): void {
    this.#missing.harmful.push(...HARMFUL);
  }

  /** A run of a workflow: of each once before they are drawn by their weights, so that the shortest load has all of them. */
  draw(which: 'usual' | 'harmful'): Order {
    return this.order(this.#missing[which].shift() ?? this.#random.pick(DRAW[which]) ?? 'quick');
  }

  order(workflow: string): Order {
    const input = this.#inputOf(workflow);
    return this.#add({ workflow, input, again: null, path: '/runs', body: { workflow_id: workflow, input } });
  }

  rerun({ run, order, end }: Started, { from, input }: Extract<SecondChance, { kind: 'rerun' }>): Order {
    const { workflow } = order;
    const other = input === 'another' ? { input: this.#inputOf(workflow) } : null;
    return this.#add({
      workflow,
      input: other?.input ?? order.input,
      again: { run, version: end?.version ?? 0, from },
      path: `/runs/run_${run}/rerun`,
      body: { ...other, ...(from === null ? {} : { from_node: from }) },
    });
  }

  #inputOf(workflow: string): unknown {
    const items = { fan: 24, mend: 12, nest: 6 }[workflow];
    return {
      ms: this.#random.below(40),
      ...(items === undefined ? {} : { items: Array.from({ length: items }, (_, index) => index) }),
      ...(workflow === 'parent' ? { child: this.#random.pick(['quick', 'question', 'pause']) } : {}),
    };
  }

  #add(order: Pick<Order, 'workflow' | 'input' | 'again' | 'path'> & { readonly body: object }): Order {
    const key = `order-${this.all.length + 1}`;
    const body = { ...order.body, idempotency_key: key };
    const added = { ...order, key, body, sendings: 0, busy: false, mustWait: false };
    this.all.push(added);
    return added;
  }
}
