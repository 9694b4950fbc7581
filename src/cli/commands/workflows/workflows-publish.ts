import { publishWorkflows } from '../../../api/endpoints/authoring.js';
import type { ApiGivenWorkflow, ApiPublished } from '../../../api/authoring-types.js';
import type { JsonObject } from '../../../core/json.js';
import type { PackedFolder } from '../../../loader/published/pack-folder.js';
import type { CliContext } from '../../command/cli-context.js';
import { type CliCommand, type CliOption, type GivenOptions, optional } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { organizationOption } from '../organizations/organization-option.js';
import { loadChecked } from './load-checked.js';
import { faultLine } from './workflows-check.js';

export const ownerOptions: readonly CliOption[] = [
  { flags: '--all', description: 'those for all organizations; needs a key with the scope operate' },
  organizationOption,
];

export function ownerOf(given: { flag(name: string): boolean; text(name: string): string | undefined }): {
  readonly for_all?: true;
  readonly organization?: string;
} {
  return {
    ...(given.flag('all') ? { for_all: true as const } : {}),
    ...optional('organization', given.text('organization')),
  };
}

/** As the query takes it. */
export function ownerQuery(given: GivenOptions): { readonly for_all?: 'true'; readonly organization?: string } {
  const { for_all: forAll, ...rest } = ownerOf(given);
  return { ...rest, ...(forAll === true ? { for_all: 'true' as const } : {}) };
}

export const workflowsPublishCommand: CliCommand = {
  name: 'workflows publish',
  summary: 'Publish a folder of workflows to the server, all of it in one moment',
  details:
    'Checks the folder as "errand workflows check" does, bundles the handlers, and sends both. Every process of the server takes the new versions on within a second; runs ' +
    'under way keep theirs. Packages that handlers import are not sent: the server needs them where it finds its workflows folder. Handlers need ERRAND_PUBLISHED_CODE on the server. ' +
    'models.yaml, mcp-servers.yaml and resources.yaml stay with each server.',
  arguments: [{ name: '<dir>', description: 'the folder' }],
  options: [
    ...ownerOptions,
    { flags: '--replace', description: 'take away what was published before and is not in the folder' },
    { flags: '--dry-run', description: 'say what would be sent, and send nothing' },
  ],
  examples: ['errand workflows publish ./workflows', 'errand workflows publish ./workflows --all --replace'],
  async run(context, given) {
    const { dir, loaded } = await loadChecked(given.argument(0));
    if (loaded.faults.length > 0) {
      for (const fault of loaded.faults) context.print(faultLine({ fault, dir, cwd: process.cwd() }));
      context.note(context.style('red', 'Nothing was published: mend these first.'));
      return EXIT.error;
    }
    const { packFolder } = await import('../../../loader/published/pack-folder.js');
    const packed = await packFolder({ dir, loaded });
    for (const { message, ...fault } of packed.warnings)
      context.note(faultLine({ fault: { ...fault, message: `warning: ${message}` }, dir, cwd: process.cwd() }));
    if (given.flag('dryRun')) return tellPacked(context, packed);
    const published = await context.client().call(publishWorkflows, {
      body: {
        workflows: packed.workflows.map(toGiven),
        ...(packed.bundles.length === 0 ? {} : { bundles: packed.bundles }),
        ...(given.flag('replace') ? { replace: true } : {}),
        ...ownerOf(given),
      },
    });
    tellPublished(context, published, packed.packages);
    return EXIT.ok;
  },
};

function toGiven({ definition, handlers }: PackedFolder['workflows'][number]): ApiGivenWorkflow {
  const refs = Object.entries(handlers).map(([path, { bundle, export: name, nodeId }]) => [
    path,
    { bundle, export: name, ...optional('node_id', nodeId) },
  ]);
  const given = { definition: definition as unknown as JsonObject };
  return refs.length === 0
    ? given
    : { ...given, handlers: Object.fromEntries(refs) as NonNullable<ApiGivenWorkflow['handlers']> };
}

function tellPacked(context: CliContext, { workflows, bundles, packages }: PackedFolder): number {
  const ids = workflows.map(({ definition }) => definition.id);
  const characters = bundles.reduce((sum, { code }) => sum + code.length, 0);
  if (context.json) context.printJson({ workflows: ids, bundles: bundles.map(({ sha }) => sha), packages, characters });
  else {
    context.print(
      `Would publish ${ids.join(', ') || 'nothing'}, with ${bundles.length} bundles of ${characters} characters.`,
    );
    tellPackages(context, packages);
  }
  return EXIT.ok;
}

function tellPublished(context: CliContext, published: ApiPublished, packages: readonly string[]): void {
  if (context.json) {
    context.printJson({ ...published, packages });
    return;
  }
  tellChanges(context, published.publication);
  tellPackages(context, packages);
}

export function tellChanges(context: CliContext, { number, changes }: ApiPublished['publication']): void {
  if (changes.length === 0) context.print('Nothing has changed: this is what was published already.');
  for (const { workflow_id: id, before, after } of changes) {
    if (after === null) context.print(`Took ${id} away; it was at version ${before}.`);
    else context.print(`Published version ${after} of ${id}${before === null ? '' : `; it was at ${before}`}.`);
  }
  if (changes.length > 0) context.note(`To undo all of it: errand workflows revert ${number}`);
}

function tellPackages(context: CliContext, packages: readonly string[]): void {
  if (packages.length > 0)
    context.print(`Its handlers import ${packages.join(', ')}: the server needs them installed.`);
}
