import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import type { BulkAction } from '@core/bulk/bulk-job.js';
import { PAYLOAD_LIMITS } from '@core/text/payload-limits.js';
import type { ApiBulkFilter } from '@api/bulk-types.js';
import { startBulkJob } from '@api/endpoints/runs.js';
import { bulkJobQuery, bulkJobsQuery, bulkPreviewQuery } from '../../../api/bulk-queries.js';
import { client } from '../../../api/client.js';
import { Field, Tick } from '../../../design/field.js';
import { text } from '../../../text/en.js';
import { ActionForm } from '../../run/actions/action-form.js';
import { BulkPreview } from './bulk-preview.js';

const t = text.bulk;

/** Says how many runs it would be and what it would cost, and starts the job. */
export function BulkDialog({
  action,
  filter,
  onStarted,
  onClose,
}: {
  readonly action: BulkAction;
  readonly filter: ApiBulkFilter;
  readonly onStarted: () => void;
  readonly onClose: () => void;
}): ReactNode {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [reason, setReason] = useState('');
  const [sameVersion, setSameVersion] = useState(false);
  const [idempotencyKey] = useState(() => crypto.randomUUID());
  const order = { action, filter, ...(sameVersion ? { same_version: true } : {}) };
  const { data: preview, error: notCounted } = useQuery(bulkPreviewQuery(order));
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => {
      const body = { ...order, ...(reason === '' ? {} : { reason }), idempotency_key: idempotencyKey };
      return client.call(startBulkJob, { body });
    },
    onSuccess: (job) => {
      queries.setQueryData(bulkJobQuery(job.id).queryKey, job);
      void queries.invalidateQueries({ queryKey: bulkJobsQuery.queryKey, exact: true });
      onStarted();
      onClose();
      void navigate({ to: '/bulk-jobs/$jobId', params: { jobId: job.id } });
    },
  });
  const count = preview?.runs ?? 0;
  return (
    <ActionForm
      title={t.ask[action]}
      confirm={preview === undefined ? t.counting : t.confirm[action](count)}
      look={action === 'cancel' ? 'danger' : 'main'}
      isBusy={isPending}
      isPossible={count > 0}
      error={error ?? notCounted}
      onConfirm={() => mutate()}
      onClose={onClose}
    >
      <p>{t.body[action]}</p>
      {preview !== undefined && <BulkPreview preview={preview} />}
      {preview === undefined && notCounted === null && (
        <div role="status" aria-label={t.counting} className="skeleton h-24" />
      )}
      {action === 'cancel' && (
        <Field label={t.reason} value={reason} maxLength={PAYLOAD_LIMITS.takenReason} onType={setReason} />
      )}
      {action === 'rerun' && <Tick label={t.sameVersion} isOn={sameVersion} onToggle={setSameVersion} />}
    </ActionForm>
  );
}
