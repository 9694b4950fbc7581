import type { Mail } from '../../../core/ports/store/drive-store.js';
import type { CommitRunParams } from '../../../core/ports/store/run-store.js';
import { isTerminal, type Run } from '../../../core/run/run.js';
import { encodeText } from '../../rows/text.js';
import { allDone } from '../connection/all-done.js';
import { plannedOnce } from '../connection/prepared.js';
import type { Sql } from '../connection/sql.js';
import { runMailTable } from '../tables/run-mail-table.js';
import { UNFINISHED } from '../tables/runs-table.js';

type NewMail = Omit<Mail, 'isRepeated'>;

/** Children of a run that has ended: none of them is waited for any more. */
const TELL_CHILDREN = plannedOnce(`
  INSERT INTO run_mail (id, organization_id, run_id, at, body, is_given)
  SELECT ended.mail_id || ':' || runs.id, organization_id, runs.id, ended.at, '{"kind":"orphaned"}', false
  FROM unnest($1::text[], $2::text[], $3::bigint[]) AS ended (run_id, mail_id, at)
  JOIN runs ON runs.parent_run_id = ended.run_id AND runs.child_key IS NOT NULL AND ${UNFINISHED}`);

/**
 * What other runs are to hear of these commits, in the same transaction: whoever dies next, they hear it. `state`: what
 * a commit goes on from; null where it makes its run.
 */
export async function writeMail(
  sql: Sql,
  kept: readonly { readonly params: CommitRunParams; readonly state: Pick<Run, 'status'> | null }[],
): Promise<void> {
  const changed = kept.flatMap(({ params, state }) => (state === null || isTerminal(state.status) ? [] : [params]));
  const ended = changed.filter(({ run }) => isTerminal(run.status));
  const mail = [...ended.flatMap(toParent), ...changed.filter((one) => !ended.includes(one)).flatMap(toChildren)];
  await allDone([
    ...(mail.length > 0 ? [runMailTable.send(sql, mail)] : []),
    ...(ended.length > 0 ? [tellChildren(sql, ended)] : []),
  ]);
}

async function tellChildren(sql: Sql, ended: readonly CommitRunParams[]): Promise<void> {
  await sql.run(TELL_CHILDREN, [
    ended.map(({ run }) => encodeText(run.id)),
    ended.map(({ run }) => idOf(run)),
    ended.map(({ events }) => atOf(events)),
  ]);
}

function toParent({ run, events }: CommitRunParams): NewMail[] {
  const { parent, organizationId } = run;
  if (parent === undefined) return [];
  return [{ id: idOf(run), organizationId, runId: parent.runId, at: atOf(events), body: { kind: 'look' } }];
}

/** To those that a node of a run that goes on has waited for, and waits for no more. */
function toChildren({ run, events }: CommitRunParams): NewMail[] {
  return events.flatMap((event): NewMail[] => {
    if (event.kind !== 'node.failed' && event.kind !== 'node.retrying' && event.kind !== 'node.cancelled') return [];
    const child = run.nodes.find(({ id }) => id === event.nodeId)?.childRunId;
    if (child === undefined) return [];
    const { organizationId } = run;
    return [{ id: `${run.id}:${event.seq}`, organizationId, runId: child, at: event.at, body: { kind: 'orphaned' } }];
  });
}

function idOf({ id, version }: Run): string {
  return `${id}:${version}`;
}

function atOf(events: CommitRunParams['events']): number {
  return events.at(-1)?.at ?? 0;
}
