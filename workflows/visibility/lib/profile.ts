import type { JsonSchema } from 'errand';

/** What a shop says of itself: the facts that everything else is held against. */
export interface Business {
  readonly name: string;
  readonly site: string;
  readonly city: string;
  readonly services: readonly string[];
  readonly competitors: readonly Competitor[];
  readonly reviews: readonly string[];
  readonly phone?: string;
  readonly address?: string;
  readonly hours?: string;
  /** What else is true and may be said. */
  readonly facts: readonly string[];
}

export interface Competitor {
  readonly name: string;
  readonly site?: string;
}

/** The input of all six workflows. */
export interface Profile {
  readonly business: Business;
  readonly models?: readonly string[];
}

const WEB_ADDRESS = { type: 'string', format: 'uri', pattern: '^[Hh][Tt][Tt][Pp][Ss]?://', maxLength: 2_000 };

const COMPETITOR = {
  type: 'object',
  required: ['name'],
  additionalProperties: false,
  properties: { name: { type: 'string', minLength: 1, maxLength: 200 }, site: WEB_ADDRESS },
};

const BUSINESS_FIELDS = {
  name: { type: 'string', minLength: 1, maxLength: 200, description: 'As customers know it.' },
  site: { ...WEB_ADDRESS, description: 'Its web site, http or https.' },
  city: { type: 'string', minLength: 1, maxLength: 120, description: 'The town or district that its customers name.' },
  services: {
    type: 'array',
    minItems: 1,
    maxItems: 20,
    uniqueItems: true,
    items: { type: 'string', minLength: 1, maxLength: 120 },
    description: 'What customers come for, most important first: "brake repair".',
  },
  competitors: {
    type: 'array',
    maxItems: 10,
    default: [],
    items: COMPETITOR,
    description: 'Who else customers go to.',
  },
  reviews: {
    type: 'array',
    maxItems: 200,
    default: [],
    items: { type: 'string', minLength: 1, maxLength: 5_000 },
    description: 'Texts of reviews ("5/5 Quick and fair."), or addresses of pages that carry them.',
  },
  phone: { type: 'string', minLength: 5, maxLength: 40 },
  address: { type: 'string', minLength: 5, maxLength: 300, description: '"4 Quay Lane, Little Harbour"' },
  hours: {
    type: 'string',
    minLength: 5,
    maxLength: 300,
    description: 'As schema.org has them: "Mo-Fr 09:00-18:00, Sa 10:00-14:00".',
  },
  facts: {
    type: 'array',
    maxItems: 30,
    default: [],
    items: { type: 'string', minLength: 1, maxLength: 500 },
    description: 'What else is true and may be said in drafts: prices, guarantees, years, certificates.',
  },
};

/** The schema of the input; `needs` names fields of the business that this workflow cannot do without. */
export function profileSchema(needs: readonly ('competitors' | 'reviews')[] = []): JsonSchema {
  const properties: { [name: string]: object } = { ...BUSINESS_FIELDS };
  for (const name of needs) {
    const { default: _, ...field } = BUSINESS_FIELDS[name];
    properties[name] = { ...field, minItems: 1 };
  }
  return {
    type: 'object',
    required: ['business'],
    additionalProperties: false,
    properties: {
      business: {
        type: 'object',
        required: ['name', 'site', 'city', 'services', ...needs],
        additionalProperties: false,
        properties,
      },
      models: {
        type: 'array',
        minItems: 1,
        maxItems: 5,
        uniqueItems: true,
        items: { type: 'string', minLength: 1, maxLength: 200 },
        description:
          'The models that are asked what customers ask, each `provider/model` or an alias; those of the aliases `simulator`, `simulator_2` and `simulator_3` that are configured when not given, else `default`.',
      },
    },
  } as unknown as JsonSchema;
}
