import { listModels } from '../../../api/endpoints/models.js';
import type { ApiModels } from '../../../api/api-types.js';
import type { CliContext } from '../../command/cli-context.js';
import { optional, type CliCommand } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { organizationOption } from '../organizations/organization-option.js';

type Provider = ApiModels['providers'][number];
type AliasRow = ApiModels['aliases'][number]['models'][number] & { readonly alias: string };

export const modelsListCommand: CliCommand = {
  name: 'models list',
  summary: 'List the providers of models and what is to be set to use them',
  details: 'Any model of a usable provider can be asked, as provider/model; aliases are names for some of them.',
  options: [organizationOption, { flags: '--prices', description: 'list the models whose price is known instead' }],
  examples: [
    'errand models',
    'errand models --prices',
    "errand models --json | jq '.providers[] | select(.usable).name'",
  ],
  async run(context, given) {
    const models = await context
      .client()
      .call(listModels, { query: optional('organization', given.text('organization')) });
    if (context.json) context.printJson(models);
    else if (given.flag('prices')) context.printLines(priceLines(context, models));
    else {
      context.printLines(providerLines(context, models));
      context.printLines(['', ...aliasLines(context, models)]);
    }
    return EXIT.ok;
  },
};

function providerLines(context: CliContext, { providers }: ApiModels): string[] {
  return context.table<Provider>({
    columns: [
      { header: 'PROVIDER', value: ({ name }) => name, colour: () => 'bold' },
      { header: 'USABLE', value: yesOrNo, colour: chooseColour },
      { header: 'KEY', value: ({ key }) => key ?? '-' },
      {
        header: 'ADDRESS',
        value: ({ base_url: url }) => (url === undefined ? '' : (url ?? "the API's own")),
        min: 16,
        optional: true,
      },
      { header: 'TO BE SET', value: ({ lacking }) => lacking ?? '', min: 30 },
    ],
    rows: providers,
  });
}

function aliasLines(context: CliContext, { aliases }: ApiModels): string[] {
  const rows = aliases.flatMap(({ name, models }) => models.map((model): AliasRow => ({ ...model, alias: name })));
  if (rows.length === 0) return ['There are no aliases: set ERRAND_DEFAULT_MODEL, or "aliases" in models.yaml.'];
  return context.table<AliasRow>({
    columns: [
      { header: 'ALIAS', value: ({ alias }) => alias, colour: () => 'bold' },
      { header: 'MODEL', value: ({ name }) => name },
      { header: 'USABLE', value: yesOrNo, colour: chooseColour },
      { header: '$/M IN', value: ({ price }) => dollars(price?.input), align: 'right', optional: true },
      { header: '$/M OUT', value: ({ price }) => dollars(price?.output), align: 'right', optional: true },
      { header: 'TO BE SET', value: ({ lacking }) => lacking ?? '', min: 30 },
    ],
    rows,
  });
}

function priceLines(context: CliContext, { prices }: ApiModels): string[] {
  return context.table<ApiModels['prices'][number]>({
    columns: [
      { header: 'MODEL', value: ({ model }) => model, colour: () => 'bold' },
      { header: '$/M IN', value: ({ input }) => dollars(input), align: 'right' },
      { header: 'CACHED', value: ({ cached_input: cached }) => dollars(cached), align: 'right', optional: true },
      { header: '$/M OUT', value: ({ output }) => dollars(output), align: 'right' },
    ],
    rows: prices.toSorted((a, b) => (a.model < b.model ? -1 : 1)),
  });
}

function yesOrNo({ usable }: { readonly usable: boolean }): string {
  return usable ? 'yes' : 'no';
}

function chooseColour({ usable }: { readonly usable: boolean }): 'green' | 'dim' {
  return usable ? 'green' : 'dim';
}

function dollars(amount: number | null | undefined): string {
  return amount === null || amount === undefined ? '-' : String(amount);
}
