import { groupBy } from './group-by.js';
import type { Evidence } from './check.js';
import type { Stretch, Stretches } from './stretches.js';
import type { Verdict } from './verdict.js';
import { isOwnNode } from '../load/own-node.js';

/** Ends change by a retry that somebody sent and by nothing else; each takes up what it must, and no more. */
export function checkRetries(verdict: Verdict, { told, records }: Evidence, stretches: Stretches): void {
  for (const run of records.runs.keys())
    for (const stretch of stretches.of(run).slice(1)) checkRetry(verdict, run, stretch);
  for (const entry of told) {
    if (entry.what !== 'retried') continue;
    const event = records.runs.get(entry.run)?.log[entry.version - 1];
    verdict.hold(
      'retries acknowledged are kept',
      event?.kind === 'run.retried',
      () => `${entry.run} at ${entry.version} is ${JSON.stringify(event)}`,
    );
  }
  const taken = told.flatMap((entry) => (entry.what === 'retried' ? [`${entry.run} at ${entry.version}`] : []));
  for (const [retry, answers] of groupBy(taken, (place) => place))
    verdict.hold('of retries at once one is taken', answers.length === 1, () => `${retry}: ${answers.length} were`);
}

function checkRetry(verdict: Verdict, run: string, stretch: Stretch): void {
  verdict.hold(
    'ended runs went on only where a retry was sent',
    Number.isFinite(stretch.since),
    () => `${run} was taken up again at ${stretch.firstSeq}, and nobody had sent a retry of it as it was then`,
  );
  const { resumed, reset } = stretch.events[0]?.data ?? {};
  const [must, does] = [
    [stretch.resumed, stretch.reset],
    [resumed, reset],
  ].map((lists) =>
    JSON.stringify(lists.map((list) => [...((list ?? []) as Iterable<string>)].filter(isOwnNode).toSorted())),
  );
  verdict.hold(
    'retries took up what had failed and what depends on it',
    must === does,
    () => `${run} at ${stretch.firstSeq}: it resumed and reset ${does}, and had to ${must}`,
  );
}
