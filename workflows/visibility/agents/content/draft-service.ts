import type { HandlerContext, JsonSchema } from 'errand';
import { checkLength, type LengthLimits, writeDraft } from '../../lib/customers/draft.js';
import { findInvented } from '../../lib/customers/invented.js';
import type { Business, Profile } from '../../lib/profile.js';
import { strictObject } from '../../lib/customers/strict-object.js';
import { containsPhrase, mentionsService } from '../../lib/text/text.js';
import type { MenuEntry } from './menu-reader.js';

export interface DraftServiceInput {
  readonly profile: Profile;
  readonly entry: MenuEntry;
}

export interface ServiceText {
  readonly title: string;
  readonly description: string;
  readonly body: string;
  readonly call_to_action: string;
}

export interface DraftedService extends ServiceText {
  readonly service: string;
  readonly needs_a_look: readonly string[];
}

const LIMITS: { readonly [part in keyof ServiceText]: LengthLimits } = {
  title: { min: 10, max: 65 },
  description: { min: 50, max: 170 },
  body: { min: 250, max: 2_500 },
  call_to_action: { min: 5, max: 150 },
};

const TEXT: JsonSchema = {
  title: 'service_text',
  ...strictObject({
    title: { type: 'string' },
    description: { type: 'string' },
    body: { type: 'string', description: 'Markdown, without a heading of the first level.' },
    call_to_action: { type: 'string' },
  }),
};

const TASK =
  'Write the page for the service below: a title (10 to 65 characters) that names the service and the town, a description for search results (50 to 170), a body (250 to 2,500) that says ' +
  'what is done, for whom, how it goes and what customers should bring or know, and a short call to action. Keep what is true in the text that the site has now.';

/** Drafts the page of one service. */
export default async function draftService(ctx: HandlerContext<DraftServiceInput>): Promise<DraftedService> {
  const { profile, entry } = ctx.input;
  const { business } = profile;
  const { draft, problems } = await writeDraft<ServiceText>(
    ctx,
    { key: 'text', business, task: TASK, material: { service: entry.service, text_now: entry.text }, schema: TEXT },
    (text) => check(text, entry, business),
  );
  return { service: entry.service, ...draft, needs_a_look: problems };
}

function check(text: ServiceText, entry: MenuEntry, business: Business): string[] {
  const problems = Object.entries(LIMITS).flatMap(([part, limits]) =>
    checkLength(part, text[part as keyof ServiceText], limits),
  );
  if (!mentionsService(text.title, entry.service)) problems.push(`The title does not name ${entry.service}.`);
  if (!containsPhrase(`${text.title} ${text.body}`, business.city)) problems.push(`${business.city} is not named.`);
  // What the site says already was not made up now.
  const known = entry.text === null ? business : { ...business, facts: [...business.facts, entry.text] };
  return [...problems, ...findInvented(Object.values(text).join('\n'), known)];
}
