import { updateOrganization } from '../../../api/endpoints/organizations.js';
import type { ApiOrganization, ApiOrganizationChange } from '../../../api/api-types.js';
import type { CliCommand, GivenOptions } from '../../command/command.js';
import { wholeNumber } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { UsageError } from '../../terminal/usage-error.js';

export const orgsSetLimitsCommand: CliCommand = {
  name: 'orgs set-limits',
  summary: 'Set how much of an organization may go on at once',
  details:
    'Needs a key with the scope operate. Holds at once; what goes on beyond a lowered limit goes on. "none" is no limit. --default goes back to what the ' +
    "server's settings say.",
  arguments: [{ name: '<slug>', description: 'the organization' }],
  options: [
    { flags: '--runs <number>', description: 'runs that are driven at the same time, or none' },
    { flags: '--nodes <number>', description: 'nodes that work at the same time, or none' },
    { flags: '--default', description: "as the server's settings say" },
  ],
  examples: ['errand orgs set-limits acme --runs 5', 'errand orgs set-limits acme --nodes none'],
  async run(context, given) {
    const organization = await context.client().call(updateOrganization, {
      path: { slug: given.argument(0) },
      body: { limits: readLimits(given) },
    });
    if (context.json) context.printJson(organization);
    else context.print(describeLimits(organization));
    return EXIT.ok;
  },
};

function readLimits(given: GivenOptions): NonNullable<ApiOrganizationChange['limits']> | null {
  const limits = Object.fromEntries(
    ['runs', 'nodes'].flatMap((name) => {
      const text = given.text(name);
      if (text === undefined) return [];
      return [[name, text === 'none' ? null : wholeNumber(text, `--${name}`, { min: 1, max: 1_000_000 })]];
    }),
  );
  const isDefault = given.flag('default');
  if (isDefault === Object.keys(limits).length > 0) {
    throw new UsageError('Give --runs or --nodes, or --default alone.');
  }
  return isDefault ? null : limits;
}

function describeLimits({ slug, limits }: ApiOrganization): string {
  const told = (['runs', 'nodes'] as const).map((name) => {
    const limit = limits[name];
    return limit === undefined ? `${name} as the server says` : `${limit ?? 'any number of'} ${name}`;
  });
  return `${slug}: at the same time ${told.join(', ')}.`;
}
