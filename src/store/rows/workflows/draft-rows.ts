import type { Draft, DraftSummary } from '../../../core/ports/store/workflows/draft-store.js';
import { optionalTextColumn, plainColumn, rowForm, textColumn } from '../columns.js';
import { fromOwner, publicationOwner } from './publication-rows.js';

const SUMMARY = {
  id: textColumn('id'),
  organizationId: { name: 'organization_id', write: publicationOwner, read: fromOwner },
  workflowId: optionalTextColumn('workflow_id'),
  name: optionalTextColumn('name'),
  baseVersion: plainColumn<number | null>('base_version'),
  faults: plainColumn<number>('faults'),
  revision: plainColumn<number>('revision'),
  createdAt: plainColumn<number>('created_at'),
  updatedAt: plainColumn<number>('updated_at'),
  keyId: optionalTextColumn('key_id'),
};

export const DRAFT_SUMMARY_COLUMNS = Object.values(SUMMARY)
  .map(({ name }) => name)
  .join(', ');

export const draftSummaryForm = rowForm<DraftSummary>(SUMMARY);

/** A row of `workflow_drafts`, in either store. */
export const draftForm = rowForm<Draft>({
  ...SUMMARY,
  text: textColumn('text'),
  format: plainColumn<'yaml' | 'json'>('format'),
});
