import type { NewId } from '../../core/ports/clock.js';
import { toMonth } from '../../core/run/credits.js';
import type { RunEvent } from '../../core/run/events.js';
import { addUsage, type Usage } from '../../core/models/models.js';
import { creditsHeld, isTerminal, type Run } from '../../core/run/run.js';
import type { Records, Store } from '../../core/ports/store/store.js';
import type { ModelContent } from '../../runner/models/model-content.js';
import type { RunRecorder } from '../../runner/ports/recorder.js';
import type { RunFeed } from '../state/run-feed.js';

/** Keeps what the runner says: record, log, credits and what models have used in one transaction, then tells whoever waits. */
export function createRunRecorder(deps: {
  readonly store: Store;
  readonly feed: RunFeed;
  readonly newId: NewId;
  /** Everything that models are asked and answer is kept when not given. */
  readonly content?: ModelContent;
}): RunRecorder {
  return {
    async record({ run, events }): Promise<void> {
      await deps.store.transaction(async (tx) => {
        // Not saved: an earlier try of this very commit went through after all.
        if (!(await tx.runs.save(run))) return;
        await tx.log.append({ runId: run.id, events });
        for (const use of usageByModel(events))
          await tx.models.addUsage({ organizationId: run.organizationId, ...use });
        if (!isTerminal(run.status)) return;
        await settle(tx, run, events, deps.newId);
        await stripContent(tx, run, deps.content);
      });
      deps.feed.publish(run, events);
    },
  };
}

interface ModelUse {
  readonly month: string;
  readonly model: string;
  readonly usage: Usage;
}

/** What these events say that models have used. Most say nothing of the kind. */
function usageByModel(events: readonly RunEvent[]): Iterable<ModelUse> {
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
  return uses?.values() ?? [];
}

/** Of what the models of a run were asked and answered, leaves in its log what may be kept. */
async function stripContent(tx: Records, { id: runId, nodes }: Run, content: ModelContent | undefined): Promise<void> {
  if (content === undefined || content.policy === 'keep' || !nodes.some(({ usage }) => usage !== undefined)) return;
  await tx.log.rewrite({ runId, rewrite: (event) => content.strip(event, runId) });
}

/** Turns the reservation into what the run costs, and releases the rest: one movement, in the transaction that ends the run. */
async function settle(tx: Records, run: Run, events: readonly RunEvent[], newId: NewId): Promise<void> {
  const held = creditsHeld(run);
  if (held === 0) return;
  const at = events.at(-1)?.at ?? run.completedAt ?? run.createdAt;
  await tx.credits.move({
    id: newId(),
    organizationId: run.organizationId,
    runId: run.id,
    kind: 'settle',
    reservedDelta: -held,
    usedDelta: run.creditsConsumed - (run.retries?.creditsConsumed ?? 0),
    month: toMonth(at),
    at,
  });
}
