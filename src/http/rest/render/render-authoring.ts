import type { ApiPublication, ApiPublished, ApiVersionItem, ApiWorkflowVersion } from '../../../api/authoring-types.js';
import type { JsonObject } from '../../../core/json.js';
import type { Publication } from '../../../core/ports/store/workflows/publication-store.js';
import type { VersionSummary } from '../../../core/ports/store/workflows/workflow-store.js';
import { tellMoment } from '../../../core/time/moment.js';
import { bundlesOf, type WorkflowVersion } from '../../../core/workflow/definition.js';
import type { Published } from '../../../service/interface/authoring.js';

export function renderPublication({ number, organizationId, at, keyId, changes }: Publication): ApiPublication {
  return {
    number,
    for_all: organizationId === null,
    created_at: tellMoment(at),
    key_id: keyId,
    changes: changes.map(({ workflowId, before, after }) => ({ workflow_id: workflowId, before, after })),
  };
}

export function renderPublished({ publication, workflows }: Published): ApiPublished {
  return {
    publication: renderPublication(publication),
    workflows: workflows.map(({ workflowId: id, version }) => ({ id, version })),
  };
}

export function renderVersionItem({ version, hash, createdAt }: VersionSummary): ApiVersionItem {
  return { version, hash, created_at: tellMoment(createdAt) };
}

export function renderVersion(version: WorkflowVersion): ApiWorkflowVersion {
  return {
    ...renderVersionItem(version),
    id: version.workflowId,
    definition: version.definition as unknown as JsonObject,
    bundles: [...bundlesOf(Object.values(version.handlers))],
  };
}
