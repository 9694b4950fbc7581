import type { ReactNode } from 'react';
import { RUN_STATUSES } from '@core/run/run.js';
import { StatusBadge, type AnyStatus } from '../../design/status.js';
import { Panel } from '../../design/panel.js';
import { Cell, Row, Table } from '../../design/table.js';
import { text } from '../../text/en.js';

const t = text.design;

/** As the command line writes them: `src/cli/terminal/status-style.ts`. */
const MARKS: Record<AnyStatus, string> = {
  pending: '·',
  running: '▸',
  waiting: '◷',
  completed: '✓',
  partial_complete: '',
  failed: '✗',
  cancelled: '⊘',
  skipped: '-',
};
const OF_NODES_ALONE: readonly AnyStatus[] = ['waiting', 'skipped'];
const OF_RUNS_ALONE: readonly AnyStatus[] = ['partial_complete'];

export function States(): ReactNode {
  const all = [...RUN_STATUSES, ...OF_NODES_ALONE];
  return (
    <Panel title={t.states} flush>
      <p className="px-4 pt-3 text-sm text-soft">{t.statesAbout}</p>
      <Table label={t.states} columns={t.stateColumns}>
        {all.map((status) => (
          <Row key={status}>
            <Cell>
              <code>{status}</code>
            </Cell>
            <Cell>
              <StatusBadge status={status} />
            </Cell>
            <Cell>{whose(status)}</Cell>
            <Cell>
              <code>
                {MARKS[status]} {status}
              </code>
            </Cell>
            <Cell>{t.means[status]}</Cell>
          </Row>
        ))}
      </Table>
    </Panel>
  );
}

function whose(status: AnyStatus): string {
  if (OF_NODES_ALONE.includes(status)) return t.of.node;
  return OF_RUNS_ALONE.includes(status) ? t.of.run : t.of.both;
}
