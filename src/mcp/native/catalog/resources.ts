import type { WorkflowRecord } from '../../../core/workflow/definition.js';
import { ErrandError } from '../../../core/errors.js';
import type { Json } from '../../../core/json.js';
import { writeInTurns } from '../../../core/large-json/write-in-turns.js';
import { outputJson } from '../../../core/run/output-json.js';
import { isTerminal } from '../../../core/run/run.js';
import type { CallContext } from '../../contract/call-context.js';
import { readApp } from '../app/apps.js';
import { renderRunStatus, renderWorkflow } from '../views/native-render.js';
import { nullIfNotFound } from '../../tool-kit/not-found.js';
import { slicePage } from '../../contract/paging.js';
import type { ResourceContents, ResourceEntry, ResourceSource, ResourceTemplate } from '../../contract/sources.js';
import { parseRunId } from '../../../core/render/run-id.js';

const RUNS = 'errand://runs/';
const WORKFLOWS = 'errand://workflows/';
export const RUN_TEMPLATE = `${RUNS}{id}`;
export const WORKFLOW_TEMPLATE = `${WORKFLOWS}{id}`;
const VERSIONS = '/versions/';
const DRAFTS = 'errand://drafts/';
const JSON_TYPE = 'application/json';
const TEXT_TYPE = 'text/plain';
/** A run that has ended stays as it is; a client need not read it again for a while. */
const ENDED_TTL_MS = 3_600_000;

export type ResourceId =
  /** The bare UUID. */
  | { readonly kind: 'run'; readonly runId: string }
  /** What a node of a run gave. */
  | { readonly kind: 'node'; readonly runId: string; readonly nodeId: string }
  | { readonly kind: 'workflow'; readonly workflowId: string }
  | VersionId
  | { readonly kind: 'draft'; readonly draftId: string };

/** The definition of a version that the organization has published. */
interface VersionId {
  readonly kind: 'version';
  readonly workflowId: string;
  readonly version: number;
}

export function definitionUri({ workflowId, version }: Omit<VersionId, 'kind'>): string {
  return `${WORKFLOWS}${workflowId}${VERSIONS}${version}`;
}

export function workflowUri(workflowId: string): string {
  return WORKFLOWS + workflowId;
}

export function draftUri(draftId: string): string {
  return DRAFTS + draftId;
}

/** What a URI names; null when it is none of ours. */
export function parseUri(uri: string): ResourceId | null {
  if (uri.startsWith(RUNS)) {
    const [id = '', nodeId] = uri.slice(RUNS.length).split('/nodes/', 2);
    const runId = parseRunId(id);
    if (runId === null) return null;
    return nodeId === undefined ? { kind: 'run', runId } : { kind: 'node', runId, nodeId: decode(nodeId) };
  }
  if (uri.startsWith(DRAFTS)) return { kind: 'draft', draftId: uri.slice(DRAFTS.length) };
  return uri.startsWith(WORKFLOWS) ? parseWorkflow(uri.slice(WORKFLOWS.length)) : null;
}

function parseWorkflow(text: string): ResourceId | null {
  const [workflowId = '', version] = text.split(VERSIONS, 2);
  if (version === undefined) return { kind: 'workflow', workflowId };
  return /^[1-9]\d{0,8}$/.test(version) ? { kind: 'version', workflowId, version: Number(version) } : null;
}

const TEMPLATES: readonly ResourceTemplate[] = [
  {
    uriTemplate: RUN_TEMPLATE,
    name: 'run',
    title: 'A run',
    description: 'One run with its agents, its nodes and its whole output. The id is run_ and a UUID.',
    mimeType: JSON_TYPE,
  },
  {
    uriTemplate: WORKFLOW_TEMPLATE,
    name: 'workflow',
    title: 'A workflow',
    description: 'One workflow with its cost, agents, input and output schema.',
    mimeType: JSON_TYPE,
  },
  {
    uriTemplate: `${WORKFLOW_TEMPLATE}${VERSIONS}{version}`,
    name: 'definition',
    title: 'The definition of a workflow',
    description: 'A version of a workflow that this organization has published itself, whole.',
    mimeType: JSON_TYPE,
  },
  {
    uriTemplate: `${DRAFTS}{id}`,
    name: 'draft',
    title: 'A draft',
    description: 'The text of a definition that is being written, whole: YAML or JSON.',
    mimeType: TEXT_TYPE,
  },
];

/** Workflows are listed. Runs, of which there is no end, are read by the template; list_runs finds them. */
export const nativeResources: ResourceSource = {
  templates: TEMPLATES,

  async list({ cursor }, { services, caller }) {
    const workflows = await services.listWorkflows(caller);
    const page = slicePage(workflows, { cursor, keyOf: ({ version }) => version.workflowId });
    return { ...page, items: page.items.map(toEntry) };
  },

  async read(uri, context) {
    const app = readApp(uri);
    if (app !== null) return app;
    const id = parseUri(uri);
    const contents = id === null ? null : await readContents(uri, id, context).catch(nullIfNotFound);
    if (contents === null) throw new ErrandError('not_found', 'Resource not found');
    return contents;
  },
};

function toEntry({ version: { workflowId, definition } }: WorkflowRecord): ResourceEntry {
  return {
    uri: workflowUri(workflowId),
    name: workflowId,
    title: definition.name,
    description: definition.description,
    mimeType: JSON_TYPE,
  };
}

async function readContents(uri: string, id: ResourceId, context: CallContext): Promise<ResourceContents> {
  const { services, caller } = context;
  if (id.kind === 'workflow') {
    const { workflowId } = id;
    const workflow = await services.getWorkflow(caller, { workflowId });
    const notReady = await services.explainNotReady(caller, { workflowId });
    return toContents(uri, renderWorkflow(workflow, notReady), 0);
  }
  if (id.kind === 'draft') {
    const { draft } = await services.getDraft(caller, { draftId: id.draftId });
    return toTextContents(uri, draft.text, 0, TEXT_TYPE);
  }
  if (id.kind === 'version') {
    const { definition } = await services.getPublishedVersion(caller, id);
    return toTextContents(uri, JSON.stringify(definition, null, 2), ENDED_TTL_MS);
  }
  const run = await services.getRun(caller, { runId: id.runId });
  if (id.kind === 'node') return toTextContents(uri, await writeInTurns(await readNodeOutput(id, context)), 0);
  const view = { run, now: services.clock.now(), waits: await services.explainWaits(caller, run) };
  const { output_cut: _cut, output: _output, ...status } = renderRunStatus({ ...view, detail: 'full' });
  const text = JSON.stringify(status);
  const json = outputJson(run);
  const whole = json === null ? text : `${text.slice(0, -1)},"output":${json}}`;
  return toTextContents(uri, whole, isTerminal(run.status) ? ENDED_TTL_MS : 0);
}

async function readNodeOutput(
  { runId, nodeId }: Extract<ResourceId, { kind: 'node' }>,
  { services, caller }: CallContext,
): Promise<Json> {
  for await (const output of services.listNodeOutputs(caller, { runId })) {
    if (output.nodeId === nodeId) return output.output;
  }
  throw new ErrandError('not_found', 'Resource not found');
}

function decode(nodeId: string): string {
  try {
    return decodeURIComponent(nodeId);
  } catch {
    return nodeId;
  }
}

function toContents(uri: string, value: Json, ttlMs: number): ResourceContents {
  return toTextContents(uri, JSON.stringify(value), ttlMs);
}

function toTextContents(uri: string, text: string, ttlMs: number, mimeType = JSON_TYPE): ResourceContents {
  return { contents: [{ uri, mimeType, text }], ttlMs };
}
