import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { getDoctor } from '@api/endpoints/server.js';
import type { ApiDoctor, ApiFinding } from '@api/system-types.js';
import { client } from '../../api/client.js';
import { Button } from '../../design/button.js';
import { Moment } from '../../design/moment.js';
import { NotYet } from '../../design/not-yet.js';
import { Notice } from '../../design/notice.js';
import { Fact, Panel } from '../../design/panel.js';
import { StatusBadge, type AnyStatus } from '../../design/status.js';
import { text } from '../../text/en.js';

const t = text.system.doctor;
const LOOKS = { ok: 'completed', warning: 'waiting', fault: 'failed' } as const satisfies Record<
  ApiFinding['kind'],
  AnyStatus
>;
/** What has to be done comes first. */
const ORDER = ['fault', 'warning', 'ok'] as const;

/** When the last back-up was made, and what has to be done where the server runs. */
export function DoctorPanel(): ReactNode {
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ['system', 'doctor'],
    queryFn: () => client.call(getDoctor),
    staleTime: Infinity,
  });
  return (
    <Panel
      title={t.title}
      side={
        <Button look="quiet" disabled={isFetching} onClick={() => void refetch()}>
          {isFetching ? t.looking : t.again}
        </Button>
      }
    >
      {data === undefined ? <NotYet error={error} size="h-24" /> : <Report report={data} />}
    </Panel>
  );
}

function Report({ report }: { readonly report: ApiDoctor }): ReactNode {
  const { findings, backups, healthy, at } = report;
  const faults = findings.filter(({ kind }) => kind === 'fault').length;
  return (
    <div className="space-y-4">
      {!healthy && <Notice kind="failed">{t.faults(faults)}</Notice>}
      <dl className="flex flex-wrap gap-x-8 gap-y-2">
        <Fact name={t.lastBackup}>{backups.last_at === null ? t.noBackup : <Moment at={backups.last_at} />}</Fact>
        <Fact name={t.backupsIn}>{backups.place ?? t.noBackups}</Fact>
        <Fact name={t.at}>
          <Moment at={at} />
        </Fact>
      </dl>
      {healthy && <p>{t.healthy}</p>}
      <ul aria-label={t.title} className="space-y-2 text-sm">
        {ORDER.flatMap((kind) => findings.filter((finding) => finding.kind === kind)).map((finding, place) => (
          <li key={place} data-row tabIndex={-1} className="flex flex-wrap items-baseline gap-2 wrap-anywhere">
            <StatusBadge status={LOOKS[finding.kind]} label={t.kinds[finding.kind]} />
            <span className="min-w-0">
              <b className="font-semibold">{finding.name}</b>: {finding.message}
            </span>
          </li>
        ))}
      </ul>
      <p className="text-sm text-soft">{t.more}</p>
    </div>
  );
}
