import type { NewId } from '../../../core/ports/clock.js';
import { toMonth, type CreditMovement } from '../../../core/run/credits.js';
import type { RunEvent } from '../../../core/run/events.js';
import { addUsage } from '../../../core/models/models.js';
import { isTerminal, type Run } from '../../../core/run/run.js';
import { outcomeTerms } from '../../../core/search/run-terms.js';
import { logPages } from '../../../core/ports/store/log-pages.js';
import type { Notifier } from '../../../core/ports/notifier.js';
import type { ModelUse } from '../../../core/ports/store/run-store.js';
import type { Store } from '../../../core/ports/store/store.js';
import type { ModelContent } from '../../../runner/models/model-content.js';
import type { RunRecorder } from '../../../runner/ports/recorder.js';
import type { BillingDays } from '../../billing/billing-days.js';
import type { CreditAlerts, CreditTelling } from '../../billing/credit-alerts.js';
import { settleCredits } from '../../billing/ledger.js';
import { eventChangesOf } from '../../events/event-changes.js';
import type { DeliveryWriter } from '../../webhooks/delivery-writer.js';
import { hasLongEvent } from '../../../runner/log/split-commit.js';
import { writeLong } from '../write-long.js';

interface RecorderDeps {
  readonly store: Pick<Store, 'runs' | 'log'>;
  readonly notifier: Notifier;
  readonly newId: NewId;
  readonly billingDays: Pick<BillingDays, 'of'>;
  /** Nobody is told how far credits are used when not given. */
  readonly creditAlerts?: CreditAlerts;
  /** Everything that models are asked and answer is kept when not given. */
  readonly content?: ModelContent;
  /** Nobody is told of anything when not given. */
  readonly deliveryWriter?: DeliveryWriter;
}

/** Keeps what the runner says: record, log, credits and what models have used as one, then tells whoever waits. */
export function createRunRecorder(deps: RecorderDeps): RunRecorder {
  return {
    async record({ run, events, epoch, searchable = NONE, audit }) {
      const preparing = isTerminal(run.status) ? prepareEnd(deps, run, events) : NOT_ENDED;
      const end = preparing instanceof Promise ? await preparing : preparing;
      const kept = end.stripped ?? events;
      if (hasLongEvent(kept)) await writeLong(run, kept);
      const deliveries = deps.deliveryWriter?.deliveriesOf(run, events) ?? NONE;
      const outcome = await deps.store.runs.commit({
        run,
        events: kept,
        epoch,
        created: null,
        movement: end.movement,
        tellMark: end.telling?.tellMark,
        usage: sumUsage(events),
        rewritten: end.rewritten,
        deliveries,
        terms: isTerminal(run.status) && run.output !== undefined ? outcomeTerms(run.output, searchable) : NONE,
        eventChanges: eventChangesOf(run, kept),
        audit,
      });
      if (outcome !== 'superseded') deps.notifier.publish({ runId: run.id, version: run.version, run });
      if (deliveries.length > 0 && outcome === 'kept') deps.deliveryWriter?.tell();
      if (outcome === 'kept') end.telling?.sent();
      return outcome;
    },
  };
}

const NONE: readonly never[] = [];
const NOT_ENDED: RunEnd = { movement: null, telling: null, stripped: null, rewritten: NONE };

/** What the commit that ends a run holds besides. */
interface RunEnd {
  readonly movement: CreditMovement | null;
  readonly telling: CreditTelling | null;
  /** The events without what is not to be kept; null: as they are. */
  readonly stripped: readonly RunEvent[] | null;
  readonly rewritten: readonly RunEvent[];
}

function prepareEnd(deps: RecorderDeps, run: Run, events: readonly RunEvent[]): RunEnd | Promise<RunEnd> {
  const billingDay = deps.billingDays.of(run.organizationId);
  return billingDay instanceof Promise
    ? billingDay.then((day) => endOn(deps, { run, events, billingDay: day }))
    : endOn(deps, { run, events, billingDay });
}

interface EndedOn {
  readonly run: Run;
  readonly events: readonly RunEvent[];
  readonly billingDay: number;
}

function endOn(deps: RecorderDeps, { run, events, billingDay }: EndedOn): RunEnd | Promise<RunEnd> {
  const { newId, content } = deps;
  const at = events.at(-1)?.at ?? run.completedAt ?? run.createdAt;
  const movement = settleCredits(run, { id: newId(), at, billingDay });
  const telling = movement === null ? null : (deps.creditAlerts?.prepare(run.organizationId, billingDay) ?? null);
  const isStripped =
    content !== undefined && content.policy !== 'keep' && run.nodes.some(({ usage }) => usage !== undefined);
  return isStripped
    ? stripLog(deps.store, content, { run, events, movement, telling })
    : { movement, telling, stripped: null, rewritten: NONE };
}

async function stripLog(
  store: RecorderDeps['store'],
  content: ModelContent,
  { run, events, movement, telling }: Omit<EndedOn, 'billingDay'> & Pick<RunEnd, 'movement' | 'telling'>,
): Promise<RunEnd> {
  const rewritten: RunEvent[] = [];
  for await (const page of logPages(store, { runId: run.id, afterSeq: 0 })) {
    for (const event of page) {
      const stripped = content.strip(event, run.id);
      if (stripped !== null) rewritten.push(stripped);
    }
  }
  return { movement, telling, stripped: events.map((event) => content.strip(event, run.id) ?? event), rewritten };
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
