import type { Json } from '../../core/json.js';
import { RunMailbox } from '../../runner/drive/run-mailbox.js';
import { describeDurable, type DurableUnderTest } from '../../testing/durable-suite.js';
import { ManualClock } from '../../testing/manual-clock.js';
import { EmbeddedDurable } from './embedded-durable.js';

/** The log in which the runner keeps outcomes, here as what it comes to: a map that outlives the process. */
function open(log: Map<string, Json>): DurableUnderTest {
  const clock = new ManualClock();
  const control = new RunMailbox();
  const inner = new EmbeddedDurable({ clock, control, remembered: log });
  const durable = {
    step: async <T extends Json>(key: string, work: () => Promise<T>): Promise<T> => {
      const outcome = await inner.step(key, work);
      log.set(key, JSON.parse(JSON.stringify(outcome)) as Json);
      return outcome;
    },
    recall: <T extends Json>(key: string) => inner.recall<T>(key),
    sleep: (key: string, until: number) => inner.sleep(key, until),
    cancelled: inner.cancelled,
    get left() {
      return inner.left;
    },
  };
  return {
    durable,
    clock,
    cancel: (reason) => control.cancel(reason),
    leave: () => control.leave(),
    reopen: async () => open(log),
  };
}

describeDurable('embedded', async () => open(new Map()));
