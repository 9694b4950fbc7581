import type { HandlerContext, JsonObject, JsonSchema } from 'errand';
import { buildLocalBusiness, toScript, verifyLocalBusiness } from '../../lib/schema-org/build-json-ld.js';
import { checkLength, writeDraft } from '../../lib/customers/draft.js';
import { findInvented } from '../../lib/customers/invented.js';
import { type AgentReport, conclude } from '../../lib/reports/issue.js';
import { isLocalBusinessType } from '../../lib/schema-org/local-business.js';
import type { Profile } from '../../lib/profile.js';
import { strictObject } from '../../lib/customers/strict-object.js';

export interface SchemaWriterInput {
  readonly profile: Profile;
}

export interface WrittenSchema {
  readonly json_ld: JsonObject;
  /** As it is pasted into the home page. */
  readonly script: string;
  readonly needs_a_look: readonly string[];
}

const DESCRIPTION = { min: 40, max: 300 };

const WORDS: JsonSchema = {
  title: 'business_words',
  ...strictObject({
    type: { type: 'string', description: 'A type of schema.org: AutoRepair, Bakery, HairSalon, …' },
    description: { type: 'string' },
  }),
};

const TASK =
  'Structured data (schema.org) for this business is to be put on its home page. Choose the narrowest type under LocalBusiness that surely fits, and write its ' +
  `description: what it does, for whom and where, in ${DESCRIPTION.min} to ${DESCRIPTION.max} characters.`;

/** Drafts the LocalBusiness block. Facts are put in by code; a model chooses the type and writes the description. */
export default async function schemaWriter(
  ctx: HandlerContext<SchemaWriterInput>,
): Promise<AgentReport<WrittenSchema>> {
  const { business } = ctx.input.profile;
  ctx.progress(10, 'Choosing the type');
  const { draft, problems } = await writeDraft<{ type: string; description: string }>(
    ctx,
    { key: 'words', business, task: TASK, schema: WORDS },
    ({ type, description }) => [
      ...(isLocalBusinessType(type) ? [] : [`${type} is no type under LocalBusiness.`]),
      ...checkLength('The description', description, DESCRIPTION),
      ...findInvented(description, business),
    ],
  );
  ctx.progress(80, 'Verifying the block');
  const type = isLocalBusinessType(draft.type) ? draft.type : 'LocalBusiness';
  const item = buildLocalBusiness({ business, type, description: draft.description });
  const script = toScript(item);
  const faults = verifyLocalBusiness(script, business);
  const unsaid = (['phone', 'address', 'hours'] as const).filter((fact) => business[fact] === undefined);
  const lacking =
    unsaid.length === 0 ? '' : ` Your profile does not tell ${unsaid.join(', ')}, so the block does not either.`;
  return conclude(ctx, {
    score: null,
    findings: `A block of structured data (${type}) is drafted, with ${faults.length === 0 ? 'every fact checked against your profile' : 'facts to be looked at'}.${lacking}`,
    issues: [],
    details: { json_ld: item, script, needs_a_look: [...problems, ...faults.map(({ message }) => message)] },
  });
}
