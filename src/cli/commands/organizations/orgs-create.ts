import { createOrganization } from '../../../api/endpoints/organizations.js';
import type { CliCommand } from '../../command/command.js';
import { optional } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';

export const orgsCreateCommand: CliCommand = {
  name: 'orgs create',
  summary: 'Make an organization',
  details: 'Needs a key with the scope operate.',
  arguments: [{ name: '<slug>', description: 'its short name: lower-case letters, digits, - and _' }],
  options: [
    { flags: '--name <name>', description: 'its name in full (default: the slug)' },
    { flags: '--credits <number>', description: 'its credits a month (default: 1000)' },
  ],
  examples: ['errand orgs create acme --name "Acme Inc." --credits 5000'],
  async run(context, given) {
    const organization = await context.client().call(createOrganization, {
      body: {
        slug: given.argument(0),
        ...optional('name', given.text('name')),
        ...optional('monthly_credits', given.number('credits', { min: 0 })),
      },
    });
    if (context.json) context.printJson(organization);
    else {
      context.print(`Made the organization ${organization.slug} (${organization.name}).`);
      context.note(`Make it a key: errand keys create <name> --organization ${organization.slug}`);
    }
    return EXIT.ok;
  },
};
