import { isJsonObject, type Json, type JsonObject, type JsonSchema } from '../../core/json.js';
import type { WorkflowEstimate } from '../../core/estimates/estimate.js';
import type { Principal } from '../../core/tenant/principal.js';
import type { WorkflowDefinition } from '../../core/workflow/definition.js';
import { creditCeiling } from '../../core/workflow/price.js';
import { workflowKey } from '../../core/workflow/workflow-key.js';
import { createPlanInTurns } from '../../workflow/create-plan.js';
import type { DefinitionFault } from '../../workflow/check/fields/faults.js';
import type { Plan } from '../../workflow/plan/plan.js';
import { estimateBy } from '../catalog/estimate-workflow.js';
import type { OfOwner } from '../interface/authoring.js';
import type { CheckedText, PlacedFault, WorkflowText } from '../../core/workflow/checked-text.js';
import { listLacking } from '../runs/accept/readiness.js';
import type { ServiceDeps } from '../use-case/deps.js';
import { checkAuthored, idOf } from './check-authored.js';
import { findOwner, type Owner } from './owner.js';
import { locateInText, readText } from './read-text.js';
import { sketchGraph } from './sketch-graph.js';
import { publishedVersion } from './versions.js';

/** So many faults of a definition are told: a text can be made to have a fault in each character. */
const MAX_FAULTS = 100;

/** The definition too, where the text can be read at all. */
export interface CheckedDefinition {
  readonly checked: CheckedText;
  readonly definition: Json | undefined;
}

export async function checkWorkflow(
  deps: ServiceDeps,
  caller: Principal,
  params: OfOwner & WorkflowText,
): Promise<CheckedText> {
  const owner = await findOwner(deps, caller, params);
  return (await checkText(deps, owner, params)).checked;
}

/** All that is to be said of a definition before it is published for this owner. */
export async function checkText(deps: ServiceDeps, owner: Owner, text: WorkflowText): Promise<CheckedDefinition> {
  const sent = { ...text, organizationId: owner.shownTo };
  const { value: definition, faults: unread } = await readText(deps.catalog, sent);
  if (definition === undefined) return { checked: unreadable(unread), definition };
  const { catalog } = deps;
  const { isTooLarge, faults, warnings } = await checkAuthored(deps, {
    definition,
    handlers: {},
    owner: owner.organizationId,
    workflowIds: workflowIdsWith(deps, owner, definition),
    isCodeTaken: false,
  });
  const isSound = faults.length === 0;
  const lacking = isSound ? await findLacking(deps, owner, definition) : [];
  const told = [...faults.slice(0, MAX_FAULTS), ...[...warnings, ...lacking].slice(0, MAX_FAULTS)];
  const places = await locateInText(
    catalog,
    sent,
    told.map(({ at }) => at),
  );
  const placed = told.map(({ path, message, value }, index): PlacedFault => {
    const { line = null, column = null } = places[index] ?? {};
    return { path, message, ...(value === undefined ? {} : { value }), line, column };
  });
  const count = Math.min(faults.length, MAX_FAULTS);
  const facts = await describe(deps, owner, { definition, isTooLarge, isSound });
  return {
    definition,
    checked: {
      ...facts,
      faults: placed.slice(0, count).toSorted(compareFaults),
      faultCount: faults.length,
      warnings: placed.slice(count).toSorted(compareFaults),
    },
  };
}

/** In the order of the text. */
function compareFaults(a: PlacedFault, b: PlacedFault): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}

function unreadable(faults: readonly Omit<PlacedFault, 'path'>[]): CheckedText {
  return {
    workflowId: null,
    name: null,
    faults: faults.slice(0, MAX_FAULTS).map((fault) => ({ path: '', ...fault })),
    faultCount: faults.length,
    warnings: [],
    graph: [],
    inputSchema: null,
    outputSchema: null,
    estimate: null,
    published: null,
  };
}

/** Those that it may run, itself among them. */
function workflowIdsWith({ catalog }: ServiceDeps, { organizationId }: Owner, definition: Json): ReadonlySet<string> {
  const ids = catalog.list(organizationId).map(({ plan }) => plan.workflowId);
  const id = idOf(definition);
  return new Set(id === null ? ids : [id, ...ids]);
}

/** The plan of a definition without faults. */
export async function planOfText({ catalog }: ServiceDeps, owner: Owner, definition: Json): Promise<Plan> {
  const { organizationId } = owner;
  const written = definition as unknown as WorkflowDefinition;
  return createPlanInTurns({
    definition: written,
    version: 1,
    key: workflowKey({ workflowId: written.id, organizationId }),
    isRestricted: catalog.isRestricted(organizationId),
    handlers: {},
    kinds: catalog.kinds,
    isolation: catalog.isolation,
  });
}

/** What is to be set before it can be started. */
async function findLacking(deps: ServiceDeps, owner: Owner, definition: Json): Promise<readonly DefinitionFault[]> {
  const plan = await planOfText(deps, owner, definition);
  const reasons = await listLacking(deps, { plan, organizationId: owner.shownTo });
  return reasons.map((reason) => ({ path: '', at: [], message: `cannot be started yet: ${reason}` }));
}

const NOTHING: JsonObject = {};

type Facts = Omit<CheckedText, 'faults' | 'faultCount' | 'warnings'>;

async function describe(
  deps: ServiceDeps,
  owner: Owner,
  params: { readonly definition: Json; readonly isTooLarge: boolean; readonly isSound: boolean },
): Promise<Facts> {
  const { definition, isTooLarge, isSound } = params;
  const { name, input, output } = isJsonObject(definition) ? definition : NOTHING;
  const workflowId = idOf(definition);
  const creditsReserved = isSound ? creditCeiling(definition as unknown as WorkflowDefinition) : 0;
  const estimate = async (ofId: string): Promise<WorkflowEstimate> => {
    const workflow = workflowKey({ workflowId: ofId, organizationId: owner.organizationId });
    return estimateBy(deps, { organizationId: owner.shownTo, workflow, creditsReserved });
  };
  return {
    workflowId,
    name: typeof name === 'string' ? name : null,
    graph: isTooLarge ? [] : sketchGraph(definition, deps.catalog.kinds),
    inputSchema: toSchema(input),
    outputSchema: toSchema(output),
    estimate: workflowId === null || !isSound ? null : await estimate(workflowId),
    published: workflowId === null ? null : await publishedVersion(deps, owner.organizationId, workflowId),
  };
}

function toSchema(schema: Json | undefined): JsonSchema | null {
  return isJsonObject(schema) ? schema : null;
}
