import type {
  Publication,
  PublishedBundle,
  PublishedChange,
  PublishedWorkflow,
  PublishVersionsParams,
} from '../../../core/ports/store/workflows/publication-store.js';
import { decodeText, encodeText } from '../text.js';

/** A row of `workflow_publications`, in either store. */
export interface PublicationRow {
  readonly number: number;
  /** Empty: for all organizations. */
  readonly organization_id: string;
  readonly at: number;
  readonly key_id: string | null;
  readonly changes: string;
}

/** A row of `published_workflows`. */
export interface PublishedRow {
  readonly organization_id: string;
  readonly workflow_id: string;
  readonly version: number;
}

/** A row of `workflow_bundles`. */
export interface BundleRow {
  readonly sha: string;
  readonly code: string;
  readonly packages: string;
  readonly at: number;
}

export const publicationOwner = (organizationId: string | null): string =>
  organizationId === null ? '' : encodeText(organizationId);

export const fromOwner = (owner: string): string | null => (owner === '' ? null : decodeText(owner));

/** What differs from what is published; `published` of the same owner. */
export function findChanges(
  { versions }: PublishVersionsParams,
  published: readonly PublishedRow[],
): readonly PublishedChange[] {
  const before = new Map(published.map((row) => [decodeText(row.workflow_id), row.version]));
  return versions.flatMap(({ workflowId, version: after }) => {
    const change = { workflowId, before: before.get(workflowId) ?? null, after };
    return change.before === after ? [] : [change];
  });
}

export function toPublicationRow(publication: Publication): PublicationRow {
  const { number, organizationId, at, keyId, changes } = publication;
  const owner = publicationOwner(organizationId);
  return { number, organization_id: owner, at, key_id: keyId, changes: JSON.stringify(changes) };
}

export function fromPublicationRow({ number, organization_id, at, key_id, changes }: PublicationRow): Publication {
  const list = JSON.parse(changes) as PublishedChange[];
  return { number, organizationId: fromOwner(organization_id), at, keyId: key_id, changes: list };
}

export function fromPublishedRow({ organization_id, workflow_id, version }: PublishedRow): PublishedWorkflow {
  return { organizationId: fromOwner(organization_id), workflowId: decodeText(workflow_id), version };
}

export function toBundleRow({ sha, code, packages, at }: PublishedBundle): BundleRow {
  return { sha: encodeText(sha), code: encodeText(code), packages: JSON.stringify(packages), at };
}

export function fromBundleRow({ sha, code, packages, at }: BundleRow): PublishedBundle {
  return { sha: decodeText(sha), code: decodeText(code), packages: JSON.parse(packages) as string[], at };
}
