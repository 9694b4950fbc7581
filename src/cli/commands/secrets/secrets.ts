import { SECRET_KINDS, type SecretKind } from '../../../core/ports/secrets.js';
import { listSecrets, removeSecret, setSecret } from '../../../api/endpoints/secrets.js';
import type { ApiSecret } from '../../../api/secret-types.js';
import type { CliContext } from '../../command/cli-context.js';
import { type CliCommand, type CliOption, optional } from '../../command/command.js';
import { readAll } from '../../command/read-input.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { UsageError } from '../../terminal/usage-error.js';
import { organizationOption } from '../organizations/organization-option.js';

const forAllOption: CliOption = {
  flags: '--all',
  description: 'for all organizations; needs a key with the scope operate',
};
const NAME = [{ name: '<name>', description: 'as workflows name it: lower-case letters, digits and _' }];

export const secretsListCommand: CliCommand = {
  name: 'secrets list',
  summary: 'List secrets and the workflows that need them; never their values',
  options: [organizationOption],
  examples: ['errand secrets'],
  async run(context, given) {
    const query = optional('organization', given.text('organization'));
    const answer = await context.client().call(listSecrets, { query });
    context.printList<ApiSecret>(answer, {
      columns: [
        { header: 'NAME', value: ({ name }) => name },
        {
          header: 'FROM',
          value: ({ source }) => source ?? 'not set',
          colour: ({ source }) => (source === null ? 'red' : null),
        },
        { header: 'UPDATED', value: ({ updated_at }) => context.time(updated_at), optional: true },
        { header: 'WORKFLOWS', value: ({ workflows }) => workflows.join(' '), min: 8 },
      ],
      rows: answer.secrets,
      none: 'There are no secrets, and no workflow needs one.',
    });
    return EXIT.ok;
  },
};

export const secretsSetCommand: CliCommand = {
  name: 'secrets set',
  summary: 'Set a secret that workflows use',
  details:
    'The value is asked for, or read from standard input: arguments can be seen by other users of the machine. It is kept encrypted, ' +
    'and never shown again. For the kinds of OAuth 2 the value is JSON: token_url, client_id, client_secret, refresh_token, scope, ' +
    'audience, authentication.',
  arguments: NAME,
  options: [
    { flags: '--kind <kind>', description: `${SECRET_KINDS.join(', ')} (default: value)` },
    { flags: '--keep-old', description: 'runs under way go on with the value that is replaced' },
    forAllOption,
    organizationOption,
  ],
  examples: [
    'errand secrets set crm_token',
    'errand secrets set signing_key --keep-old < key.pem',
    'errand secrets set crm --kind oauth2_client_credentials < crm.json',
  ],
  async run(context, given) {
    const name = given.argument(0);
    // A file ends with a line break that is no part of it.
    const value = (await readValue(context, name)).replace(/\r?\n$/, '');
    if (value === '') throw new UsageError('no value was given: type it, or pipe it in.');
    const secret = await context.client().call(setSecret, {
      path: { name },
      body: {
        value,
        ...optional('kind', readKind(given.text('kind'))),
        ...(given.flag('keepOld') ? { keep_old: true } : {}),
        ...(given.flag('all') ? { for_all: true } : {}),
        ...optional('organization', given.text('organization')),
      },
    });
    if (context.json) context.printJson(secret);
    else context.print(`Set the secret ${secret.name}.`);
    return EXIT.ok;
  },
};

export const secretsRemoveCommand: CliCommand = {
  name: 'secrets remove',
  summary: 'Remove a secret that the server keeps',
  arguments: NAME,
  options: [forAllOption, organizationOption],
  examples: ['errand secrets remove crm_token'],
  async run(context, given) {
    const name = given.argument(0);
    const query = {
      ...(given.flag('all') ? { for_all: 'true' as const } : {}),
      ...optional('organization', given.text('organization')),
    };
    await context.client().call(removeSecret, { path: { name }, query });
    if (context.json) context.printJson({ name, removed: true });
    else context.print(`Removed the secret ${name}.`);
    return EXIT.ok;
  },
};

function readKind(text: string | undefined): SecretKind | undefined {
  const kind = SECRET_KINDS.find((known) => known === text);
  if (text !== undefined && kind === undefined) throw new UsageError(`--kind is one of ${SECRET_KINDS.join(', ')}.`);
  return kind;
}

async function readValue({ io }: CliContext, name: string): Promise<string> {
  if (io.readSecret !== undefined && io.readSecret !== null) return io.readSecret(`Value of ${name}: `);
  return readAll(io.stdin);
}
