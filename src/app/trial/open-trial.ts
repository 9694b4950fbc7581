import { SECRET_VARIABLE_PREFIX } from '../../auth/secrets/outside-secrets.js';
import { ErrandError } from '../../core/errors.js';
import type { ManualClock } from '../../core/time/manual-clock.js';
import { nodeKinds } from '../../nodes/registry.js';
import type { Catalog, CatalogSource } from '../../service/state/catalog.js';
import { type Assembly, assemble } from '../assembly/assemble.js';
import type { FakeNodes } from './fakes.js';
import { listNodeNames } from './node-names.js';
import type { ScriptedModels } from './scripted-models.js';
import { Trial } from './trial.js';

/** Nobody is charged. */
const CREDITS = 1_000_000_000;

/** What is tried, and the workflows beside it. */
export interface TrialWorkflows {
  readonly workflowId: string;
  readonly sources: readonly CatalogSource[];
  /** Called once they are there. */
  readonly prepare?: (assembly: Assembly) => void;
}

export interface OpenTrialParams {
  readonly clock: ManualClock;
  readonly models: ScriptedModels;
  readonly fakes: FakeNodes;
  readonly secrets: { readonly [name: string]: string };
  /** The nodes that are meant to be there; `said` is where they were named. */
  readonly named: { readonly said: string; readonly nodes: readonly string[] };
  readonly load: (assembly: Assembly) => Promise<TrialWorkflows>;
  /** Whether it has taken as long as it may: a run is then given as it stands. Never when not given. */
  readonly isOver?: () => boolean;
}

/** A workflow on an engine and a store of its own, of which nothing is kept. */
export async function openTrial(params: OpenTrialParams): Promise<Trial> {
  const { clock, models, fakes, named } = params;
  const secrets = Object.entries(params.secrets);
  const assembly = await assemble({
    data: ':memory:',
    monthlyCredits: CREDITS,
    maxActiveRuns: 500,
    clock,
    handlers: { isolation: 'inline' },
    environment: Object.fromEntries(
      secrets.map(([name, value]) => [`${SECRET_VARIABLE_PREFIX}${name.toUpperCase()}`, value]),
    ),
    trial: { kinds: fakes.wrap(nodeKinds), models },
  });
  try {
    const { workflowId, sources, prepare } = await params.load(assembly);
    const { catalog } = assembly;
    fakes.setTested(workflowId);
    await catalog.replaceAll(sources.map(withoutSchedules));
    if (catalog.get(workflowId, null) === null) {
      throw new ErrandError('not_found', `There is no workflow ${JSON.stringify(workflowId)}.`);
    }
    assertNodesAreThere(named, workflowId, catalog);
    prepare?.(assembly);
    await assembly.start();
    return new Trial({ assembly, clock, fakes, models, workflowId, ...(params.isOver && { isOver: params.isOver }) });
  } catch (error) {
    await assembly.close({ graceMs: 0 });
    throw error;
  }
}

/** Runs are started by the trial alone, however far it moves the clock. */
function withoutSchedules(source: CatalogSource): CatalogSource {
  const { schedules: _schedules, ...definition } = source.definition;
  return { ...source, definition };
}

/** What is said of a node that is not there is meant for a node that was renamed. */
function assertNodesAreThere(
  { said, nodes }: OpenTrialParams['named'],
  tested: string,
  catalog: Pick<Catalog, 'get'>,
): void {
  for (const name of nodes) {
    const [workflowId, nodeId] = name.includes(':') ? splitOnce(name) : [tested, name];
    const plan = catalog.get(workflowId, null)?.plan;
    const known = plan === undefined ? [] : listNodeNames(plan).map((node) => node.name);
    if (known.includes(nodeId)) continue;
    throw new ErrandError(
      'invalid_input',
      known.length === 0
        ? `${said}: there is no workflow ${JSON.stringify(workflowId)}.`
        : `${said}: ${workflowId} has no node ${JSON.stringify(nodeId)}. It has ${known.join(', ')}.`,
    );
  }
}

function splitOnce(name: string): [string, string] {
  const at = name.indexOf(':');
  return [name.slice(0, at), name.slice(at + 1)];
}
