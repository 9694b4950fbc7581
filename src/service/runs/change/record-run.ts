import type { Json } from '../../../core/json.js';
import { noteJson } from '../../../core/large-json/known-json.js';
import { writeInTurns } from '../../../core/large-json/write-in-turns.js';
import type { NewId } from '../../../core/ports/clock.js';
import { toMonth } from '../../../core/run/credits.js';
import type { RunEvent } from '../../../core/run/events.js';
import { addUsage } from '../../../core/models/models.js';
import { isTerminal, type Run } from '../../../core/run/run.js';
import { logPages } from '../../../core/ports/store/log-pages.js';
import type { Notifier } from '../../../core/ports/notifier.js';
import type { ModelUse } from '../../../core/ports/store/run-store.js';
import type { Store } from '../../../core/ports/store/store.js';
import type { ModelContent } from '../../../runner/models/model-content.js';
import { estimateEventLength } from '../../../runner/log/split-commit.js';
import type { RunRecorder } from '../../../runner/ports/recorder.js';
import type { BillingDays } from '../../billing/billing-days.js';
import { settleCredits } from '../../billing/ledger.js';
import type { DeliveryWriter } from '../../webhooks/delivery-writer.js';

interface RecorderDeps {
  readonly store: Pick<Store, 'runs' | 'log'>;
  readonly notifier: Notifier;
  readonly newId: NewId;
  readonly billingDays: Pick<BillingDays, 'of'>;
  /** Everything that models are asked and answer is kept when not given. */
  readonly content?: ModelContent;
  /** Nobody is told of anything when not given. */
  readonly deliveryWriter?: DeliveryWriter;
}

/** Keeps what the runner says: record, log, credits and what models have used as one, then tells whoever waits. */
export function createRunRecorder(deps: RecorderDeps): RunRecorder {
  return {
    async record({ run, events, epoch }) {
      const end = isTerminal(run.status) ? await prepareEnd(deps, run, events) : NOT_ENDED;
      const kept = end.stripped ?? events;
      if (kept.some(isLarge)) await writeLarge(run, kept);
      const deliveries = deps.deliveryWriter?.deliveriesOf(run, events) ?? NONE;
      const outcome = await deps.store.runs.commit({
        run,
        events: kept,
        epoch,
        created: null,
        movement: end.movement,
        usage: sumUsage(events),
        rewritten: end.rewritten,
        deliveries,
      });
      if (outcome !== 'superseded') deps.notifier.publish({ runId: run.id, version: run.version, run });
      if (deliveries.length > 0 && outcome === 'kept') deps.deliveryWriter?.tell();
      return outcome;
    },
  };
}

/** Characters of JSON, about. */
const LARGE = 50_000;

function isLarge(event: RunEvent): boolean {
  return estimateEventLength(event) > LARGE;
}

/** The store writes within a turn of the event loop: what would take long there is written before. */
async function writeLarge(run: Run, events: readonly RunEvent[]): Promise<void> {
  for (const event of events) {
    if (isLarge(event)) noteJson(event, await writeInTurns(event as unknown as Json));
  }
  if (isTerminal(run.status) && run.output !== undefined) noteJson(run, await writeInTurns(run.output));
}

const NONE: readonly never[] = [];
const NOT_ENDED = { movement: null, stripped: null, rewritten: NONE } as const;

/** What the commit that ends a run holds besides. */
async function prepareEnd(deps: RecorderDeps, run: Run, events: readonly RunEvent[]) {
  const { store, newId, content, billingDays } = deps;
  const at = events.at(-1)?.at ?? run.completedAt ?? run.createdAt;
  const billingDay = await billingDays.of(run.organizationId);
  const movement = settleCredits(run, { id: newId(), at, billingDay });
  const isStripped =
    content !== undefined && content.policy !== 'keep' && run.nodes.some(({ usage }) => usage !== undefined);
  if (!isStripped) return { ...NOT_ENDED, movement };
  const rewritten: RunEvent[] = [];
  for await (const page of logPages(store, { runId: run.id, afterSeq: 0 })) {
    for (const event of page) {
      const stripped = content.strip(event, run.id);
      if (stripped !== null) rewritten.push(stripped);
    }
  }
  return { movement, stripped: events.map((event) => content.strip(event, run.id) ?? event), rewritten };
}

/** What these events say that models have used. Most say nothing of the kind. */
function sumUsage(events: readonly RunEvent[]): readonly ModelUse[] {
  let uses: Map<string, ModelUse> | null = null;
  for (const event of events) {
    if ((event.kind !== 'step.completed' && event.kind !== 'node.usage') || event.usage === undefined) continue;
    const { model, ...usage } = event.usage;
    const month = toMonth(event.at);
    uses ??= new Map();
    const key = `${month} ${model}`;
    const before = uses.get(key);
    uses.set(key, { month, model, usage: before === undefined ? usage : addUsage(before.usage, usage) });
  }
  return uses === null ? NONE : [...uses.values()];
}
