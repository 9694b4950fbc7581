import { removeModelCredential } from '../../../api/endpoints/models.js';
import { optional, type CliCommand } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { organizationOption } from '../organizations/organization-option.js';

export const modelsRemoveKeyCommand: CliCommand = {
  name: 'models remove-key',
  summary: "Remove the organization's own key for a provider of models",
  details: "The key in the server's environment is used from then on, if there is one.",
  arguments: [{ name: '<provider>', description: "the provider's name" }],
  options: [organizationOption],
  examples: ['errand models remove-key openai'],
  async run(context, given) {
    const provider = given.argument(0);
    await context.client().call(removeModelCredential, {
      path: { provider },
      query: optional('organization', given.text('organization')),
    });
    if (context.json) context.printJson({ provider, removed: true });
    else context.print(`Removed the key for ${provider}.`);
    return EXIT.ok;
  },
};
