import type { Acknowledgement } from '../journal.js';
import type { Evidence } from './check.js';
import type { Stretches } from './stretches.js';
import type { Verdict } from './verdict.js';

/** That each batch was one commit, and that each event that was sent reached the run that it was for, once. */
export function checkDoors(verdict: Verdict, { told, records }: Evidence, stretches: Stretches): void {
  const known = new Set<string>();
  for (const entry of told) {
    if (entry.what === 'batch') checkBatch(verdict, entry, known);
    if (entry.what !== 'event') continue;
    const sent = JSON.stringify(entry.data);
    const made = records.runs.get(entry.run);
    const heard = stretches
      .of(entry.run)
      .flatMap(({ events }) => events.filter(({ kind, node_id }) => kind === 'node.completed' && node_id === 'heard'));
    verdict.hold(
      'events acknowledged reached the run that they were for, once',
      made?.record.status === 'completed'
        ? heard.length === 1 && JSON.stringify(heard[0]?.data['output']) === sent
        : made !== undefined && heard.every(({ data }) => JSON.stringify(data['output']) === sent),
      () => `${entry.run} was sent ${sent} and has ${JSON.stringify(heard)}`,
    );
  }
}

/** `known`: batches that were answered before. */
function checkBatch(
  verdict: Verdict,
  { keys, runs, outcomes }: Extract<Acknowledgement, { what: 'batch' }>,
  known: Set<string>,
): void {
  const name = keys.join(' ');
  const isKnown = known.has(name);
  known.add(name);
  const kinds = new Set(outcomes);
  const isWhole = outcomes.length === keys.length && new Set(runs).size === keys.length && kinds.size === 1;
  verdict.hold(
    'batches were started whole, and once',
    isWhole && (kinds.has('repeated') || (kinds.has('started') && !isKnown)),
    () => `${name}${isKnown ? ', sent again' : ''}: ${outcomes.join(', ')}`,
  );
}
