import { setModelCredential } from '../../../api/endpoints/models.js';
import type { CliContext } from '../../command/cli-context.js';
import { optional, type CliCommand } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { readAll } from '../../command/read-input.js';
import { UsageError } from '../../terminal/usage-error.js';
import { organizationOption } from '../organizations/organization-option.js';

export const modelsSetKeyCommand: CliCommand = {
  name: 'models set-key',
  summary: "Set the organization's own key for a provider of models",
  details:
    'The key is asked for, or read from standard input: arguments can be seen by other users of the machine. It is kept encrypted, ' +
    "and goes before the key in the server's environment. Needs a key of the server with the scope manage.",
  arguments: [{ name: '<provider>', description: "the provider's name, as `errand models` lists it" }],
  options: [organizationOption],
  examples: ['errand models set-key openai', 'errand models set-key anthropic < key.txt'],
  async run(context, given) {
    const provider = given.argument(0);
    const key = (await readKey(context, provider)).trim();
    if (key === '') throw new UsageError('no key was given: type it, or pipe it in.');
    const organization = optional('organization', given.text('organization'));
    const credential = await context.client().call(setModelCredential, {
      path: { provider },
      body: { key, ...organization },
    });
    if (context.json) context.printJson(credential);
    else context.print(`Set the key …${credential.hint} for ${credential.provider}.`);
    return EXIT.ok;
  },
};

async function readKey({ io }: CliContext, provider: string): Promise<string> {
  if (io.readSecret !== undefined && io.readSecret !== null) return io.readSecret(`Key for ${provider}: `);
  return readAll(io.stdin);
}
