import type { Json } from '../../core/json.js';
import { noteJson } from '../../core/large-json/known-json.js';
import { writeInTurns } from '../../core/large-json/write-in-turns.js';
import type { RunEvent } from '../../core/run/events.js';
import { isTerminal, type Run } from '../../core/run/run.js';
import { isLongEvent } from '../../runner/log/split-commit.js';

/** The store writes within a turn of the event loop: what would take long there is written before. */
export async function writeLong(run: Run, events: readonly RunEvent[]): Promise<void> {
  for (const event of events) {
    if (isLongEvent(event)) noteJson(event, await writeInTurns(event as unknown as Json));
  }
  if (isTerminal(run.status) && run.output !== undefined) noteJson(run, await writeInTurns(run.output));
}
