import { optional, type CliCommand } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { organizationOption } from '../organizations/organization-option.js';

export const modelsTestCommand: CliCommand = {
  name: 'models test',
  summary: 'Ask a model a very short question',
  details: 'Needs a key with the scope manage, and costs a few tokens. Exits with 1 when the model does not answer.',
  arguments: [{ name: '[model]', description: 'provider/model or an alias (default: default)' }],
  options: [organizationOption],
  examples: ['errand models test', 'errand models test openai/gpt-5-mini'],
  async run(context, given) {
    const model = given.argument(0);
    const test = await context.client().testModel({
      ...optional('model', model === '' ? undefined : model),
      ...optional('organization', given.text('organization')),
    });
    if (context.json) context.printJson(test);
    else if (test.ok) {
      const { input_tokens: sent, output_tokens: written } = test.usage;
      context.print(
        `${test.model} answered after ${test.milliseconds} ms: ${sent} tokens were sent, ${written} written.`,
      );
    } else context.print(context.style('red', `No answer (${test.kind}): ${test.message}`));
    return test.ok ? EXIT.ok : EXIT.error;
  },
};
