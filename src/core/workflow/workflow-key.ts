/**
 * What tells a workflow from all others: its id, and before it, for one of an organization's own, that organization's
 * id and a slash. Versions are kept under it, and counted for each key from 1.
 */
export function workflowKey({
  workflowId,
  organizationId,
}: {
  readonly workflowId: string;
  /** Null: for all organizations. */
  readonly organizationId: string | null;
}): string {
  return organizationId === null ? workflowId : `${organizationId}/${workflowId}`;
}

/** The organization whose own the workflow is; null: for all. */
export function ownerOfKey(key: string): string | null {
  const slash = key.indexOf('/');
  return slash === -1 ? null : key.slice(0, slash);
}

/** The id that the workflow has for its organization. */
export function idOfKey(key: string): string {
  return key.slice(key.indexOf('/') + 1);
}

/** The key of the workflow that a run is of. */
export function workflowKeyOfRun(run: {
  readonly workflowId: string;
  readonly organizationId: string;
  readonly ownWorkflow?: true;
}): string {
  const { workflowId, organizationId, ownWorkflow } = run;
  return workflowKey({ workflowId, organizationId: ownWorkflow === true ? organizationId : null });
}
