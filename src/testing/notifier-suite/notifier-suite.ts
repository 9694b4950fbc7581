import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Notifier, RunChange } from '../../core/ports/notifier.js';

/** Two that are on the same records, as two processes have them; the same one twice where there is one process only. */
export interface Notifiers {
  readonly one: Notifier;
  readonly other: Notifier;
  close(): Promise<void>;
}

/** What every notifier does while it loses nothing. */
export function describeNotifier(makeNotifiers: () => Promise<Notifiers>): void {
  let notifiers: Notifiers;
  let ids = 0;
  beforeEach(async () => {
    notifiers = await makeNotifiers();
  });
  afterEach(() => notifiers.close());

  const newRunId = (): string => `01980000-0000-7000-8000-${String((ids += 1)).padStart(12, '0')}`;
  const listen = (runIds: readonly string[], notifier = notifiers.one) => {
    const heard: string[] = [];
    const listener = ({ runId, version }: RunChange): void => void heard.push(`${runId} ${version}`);
    return { heard, stop: notifier.subscribe({ runIds, listener }) };
  };
  const change = (runId: string, version: number): RunChange => ({ runId, version, run: null });
  /** Publishes through both, and resolves once all that was published before has been told. */
  const settle = async (): Promise<void> => {
    const last = newRunId();
    for (const notifier of [notifiers.one, notifiers.other]) {
      const { heard, stop } = listen([last], notifier);
      notifiers.one.publish(change(last, 1));
      notifiers.other.publish(change(last, 2));
      await expect.poll(() => new Set(heard).size, { interval: 1 }).toBe(2);
      stop();
    }
  };

  describe('a notifier', () => {
    it('tells every subscriber of a run, wherever the change was published', async () => {
      const runId = newRunId();
      const all = [listen([runId]), listen([runId]), listen([runId], notifiers.other)];
      notifiers.one.publish(change(runId, 1));
      await settle();
      notifiers.other.publish(change(runId, 2));
      await settle();
      for (const { heard } of all) expect(heard).toEqual([`${runId} 1`, `${runId} 2`]);
    });

    it('tells of each of several runs, and of no other', async () => {
      const [a, b, c] = [newRunId(), newRunId(), newRunId()];
      const { heard } = listen([a, c]);
      for (const runId of [a, b, c]) notifiers.other.publish(change(runId, 7));
      await settle();
      expect(heard.toSorted()).toEqual([`${a} 7`, `${c} 7`]);
    });

    it('tells nothing that was published before, or after the end', async () => {
      const runId = newRunId();
      notifiers.one.publish(change(runId, 1));
      await settle();
      const { heard, stop } = listen([runId]);
      notifiers.one.publish(change(runId, 2));
      await settle();
      stop();
      stop();
      notifiers.one.publish(change(runId, 3));
      await settle();
      expect(heard).toEqual([`${runId} 2`]);
    });

    it('goes on telling the others when one ends, also while it is told', async () => {
      const runId = newRunId();
      const first: number[] = [];
      const stop = notifiers.one.subscribe({
        runIds: [runId],
        listener: ({ version }) => {
          first.push(version);
          stop();
        },
      });
      const { heard } = listen([runId]);
      notifiers.one.publish(change(runId, 1));
      notifiers.one.publish(change(runId, 2));
      await settle();
      expect([first, heard]).toEqual([[1], [`${runId} 1`, `${runId} 2`]]);
    });

    it('keeps apart two subscriptions with the same listener', async () => {
      const runId = newRunId();
      const heard: number[] = [];
      const listener = ({ version }: RunChange): void => void heard.push(version);
      const stop = notifiers.one.subscribe({ runIds: [runId], listener });
      notifiers.one.subscribe({ runIds: [runId], listener });
      notifiers.one.publish(change(runId, 1));
      await settle();
      stop();
      notifiers.one.publish(change(runId, 2));
      await settle();
      expect(heard).toEqual([1, 1, 2]);
    });

    it('says after how long to look again where a notice may be lost', () => {
      const { recheckMs } = notifiers.one;
      expect(recheckMs === null || (recheckMs > 0 && recheckMs <= 1_000)).toBe(true);
    });
  });
}
