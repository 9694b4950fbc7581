import { listOrganizations } from '../../../api/endpoints/organizations.js';
import type { ApiOrganization } from '../../../api/api-types.js';
import type { CliCommand } from '../../command/command.js';
import { optional } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';

export const orgsListCommand: CliCommand = {
  name: 'orgs list',
  summary: 'List the organizations',
  details: 'Needs a key with the scope operate.',
  options: [
    { flags: '--limit <number>', description: 'at most this many, 1 to 100' },
    { flags: '--offset <number>', description: 'leave out this many' },
  ],
  examples: ['errand orgs', 'errand orgs list --json'],
  async run(context, given) {
    const answer = await context.client().call(listOrganizations, {
      query: {
        ...optional('limit', given.number('limit', { min: 1, max: 100 })),
        ...optional('offset', given.number('offset', { min: 0 })),
      },
    });
    context.printList<ApiOrganization>(answer, {
      columns: [
        { header: 'SLUG', value: (organization) => organization.slug, colour: () => 'bold' },
        { header: 'NAME', value: (organization) => organization.name, min: 10 },
        { header: 'CREATED', value: (organization) => context.time(organization.created_at) },
        { header: 'ID', value: (organization) => organization.id },
      ],
      rows: answer.organizations,
    });
    if (answer.organizations.length < answer.total) context.note(`${answer.total} in all.`);
    return EXIT.ok;
  },
};
