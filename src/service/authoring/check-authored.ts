import { doInTurns } from '../../core/event-loop.js';
import { isJsonObject } from '../../core/json.js';
import type { HandlerRef, WorkflowDefinition } from '../../core/workflow/definition.js';
import { checkCalls } from '../../workflow/check/check-calls.js';
import { inspectDefinition } from '../../workflow/check/check-definition.js';
import { type DefinitionFault, Faults } from '../../workflow/check/fields/faults.js';
import { findFieldHolders } from '../../workflow/check/field-holders.js';
import { findToolWarnings } from '../../workflow/check/tool-form/check-tool-form.js';
import type { Catalog } from '../state/catalog.js';
import type { ServiceDeps } from '../use-case/deps.js';
import { findSizeFault } from './find-size-fault.js';

export interface CheckAuthoredParams {
  readonly definition: unknown;
  readonly handlers: { readonly [nodePath: string]: HandlerRef };
  /** Null: for all. */
  readonly owner: string | null;
  /** The workflows that will be there with it. */
  readonly workflowIds: ReadonlySet<string>;
  /** Whether its functions may come with it. */
  readonly isCodeTaken: boolean;
}

export interface CheckedAuthored {
  /** Then nothing else was looked at. */
  readonly isTooLarge: boolean;
  readonly faults: readonly DefinitionFault[];
  readonly warnings: readonly DefinitionFault[];
}

/** Every fault of a definition that came over the API. Its size is looked at first: nothing else takes long then. */
export async function checkAuthored(
  { catalog, declared }: Pick<ServiceDeps, 'catalog' | 'declared'>,
  params: CheckAuthoredParams,
): Promise<CheckedAuthored> {
  const { definition, owner } = params;
  const size = findSizeFault(definition, catalog.kinds);
  if (size !== null) return { isTooLarge: true, faults: [size], warnings: [] };
  const { kinds } = catalog;
  const resources = new Set(declared?.resources().keys());
  const { list, warnings } = await doInTurns(inspectDefinition({ definition, kinds, resources }));
  // What is ended when it takes long may be asked for by whoever runs the server, not by everybody.
  const isRestricted = catalog.isRestricted(owner);
  const faults = [...list, ...checkPlace(catalog, params), ...(isRestricted ? warnings : [])];
  if (list.length > 0) return { isTooLarge: false, faults, warnings: [] };
  const written = definition as WorkflowDefinition;
  const mcpServers = isRestricted ? new Set<string>() : declared?.mcpServers();
  const calls = checkCalls({
    definition: written,
    kinds,
    workflowIds: params.workflowIds,
    ...(mcpServers === undefined ? {} : { mcpServers }),
  });
  const told = isRestricted ? [] : warnings;
  return { isTooLarge: false, faults: [...faults, ...calls], warnings: [...findToolWarnings(written), ...told] };
}

/** The id of what is no definition yet; null where it is no text, which the check tells. */
export function idOf(definition: unknown): string | null {
  const id: unknown = isJsonObject(definition) ? definition['id'] : undefined;
  return typeof id === 'string' ? id : null;
}

/** What may be said in a file of the server's and not here. */
function checkPlace(catalog: Catalog, params: CheckAuthoredParams): readonly DefinitionFault[] {
  const { owner } = params;
  const definition = params.definition as { readonly [field: string]: unknown };
  const faults = new Faults();
  if (definition['isolation'] !== undefined && definition['isolation'] !== 'process')
    faults.add(
      ['isolation'],
      'functions of published workflows run in processes of their own: leave it out',
      definition['isolation'],
    );
  if (owner !== null && definition['limits'] !== undefined)
    faults.add(
      ['limits'],
      "limits are for workflows of all organizations; those of an organization's runs are the operator's to set",
    );
  const schedules = definition['schedules'];
  if (owner !== null && Array.isArray(schedules))
    for (const [index, schedule] of (schedules as readonly unknown[]).entries())
      if (isJsonObject(schedule) && 'organization' in schedule)
        faults.add(
          ['schedules', index, 'organization'],
          'the schedules of an own workflow are of its organization: leave it out',
        );
  checkHandlers(catalog, params, faults);
  return faults.list;
}

function checkHandlers(
  catalog: Catalog,
  { definition, handlers, isCodeTaken }: CheckAuthoredParams,
  faults: Faults,
): void {
  const { nodes } = definition as { readonly nodes?: unknown };
  if (!Array.isArray(nodes)) return;
  const known = new Set(Object.keys(handlers));
  for (const [index, node] of (nodes as readonly unknown[]).entries()) {
    if (!isJsonObject(node)) continue;
    for (const { at, specs, values } of findFieldHolders(catalog.kinds, node))
      for (const [field, { role }] of Object.entries(specs)) {
        if (role !== 'handler' || typeof values[field] !== 'string') continue;
        const place = ['nodes', index, ...at, field];
        if (!isCodeTaken)
          faults.add(
            place,
            'this server takes no code with workflows from this caller; see ERRAND_PUBLISHED_CODE',
            values[field],
          );
        else if (known.size === 0)
          faults.add(place, 'its code did not come with it: errand workflows publish sends both', values[field]);
      }
  }
}
