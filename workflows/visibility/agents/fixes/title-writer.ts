import type { HandlerContext, JsonSchema } from 'errand';
import { count } from '../../../site_checkup/lib/report.js';
import { checkLength, writeDraft } from '../../lib/customers/draft.js';
import { findInvented } from '../../lib/customers/invented.js';
import { type AgentReport, conclude } from '../../lib/reports/issue.js';
import type { Business, Profile } from '../../lib/profile.js';
import type { ShopSite } from '../../lib/site/shop-site.js';
import { strictObject } from '../../lib/customers/strict-object.js';
import { mentionsName, shorten } from '../../lib/text/text.js';
import type { Gaps } from './gap-finder.js';

export interface TitleWriterInput {
  readonly profile: Profile;
  readonly site: ShopSite | null;
  readonly gaps: AgentReport<Gaps> | null;
}

export interface PageHead {
  readonly url: string;
  readonly title: string;
  readonly description: string;
}

export interface WrittenHeads {
  readonly pages: readonly PageHead[];
  readonly needs_a_look: readonly string[];
}

const MAX_PAGES = 6;
const TITLE = { min: 10, max: 65 };
const DESCRIPTION = { min: 50, max: 170 };

const HEADS: JsonSchema = {
  title: 'page_heads',
  ...strictObject({
    pages: {
      type: 'array',
      items: strictObject({ url: { type: 'string' }, title: { type: 'string' }, description: { type: 'string' } }),
    },
  }),
};

const TASK =
  `Write the title and the description that search results show, for each of these pages. A title has ${TITLE.min} to ${TITLE.max} characters, says what the page offers and where, and ends with the ` +
  `business's name where there is room; a description has ${DESCRIPTION.min} to ${DESCRIPTION.max} characters and gives a reason to come. No two are the same. Give one entry for each address, in the same order.`;

/** Writes titles and descriptions for the pages that need them most. */
export default async function titleWriter(ctx: HandlerContext<TitleWriterInput>): Promise<AgentReport<WrittenHeads>> {
  const { profile, site, gaps } = ctx.input;
  const { business } = profile;
  const pages = choosePages(site, gaps?.details.heads ?? [], business);
  ctx.progress(10, `Writing for ${count(pages.length, 'page')}`);
  const { draft, problems } = await writeDraft<{ pages: PageHead[] }>(
    ctx,
    { key: 'heads', business, task: TASK, material: { pages }, schema: HEADS },
    (written) =>
      check(
        written.pages,
        pages.map(({ url }) => url),
        business,
      ),
  );
  const left = problems.length === 0 ? '' : ` ${count(problems.length, 'thing')} in them should be looked at.`;
  return conclude(ctx, {
    score: null,
    findings: `New titles and descriptions are drafted for ${count(draft.pages.length, 'page')}.${left}`,
    issues: [],
    details: { pages: draft.pages, needs_a_look: problems },
  });
}

function choosePages(
  site: ShopSite | null,
  wanted: readonly string[],
  { site: home }: Business,
): { url: string; title: string; description: string; text: string }[] {
  if (site === null) return [{ url: home, title: '', description: '', text: '' }];
  const chosen = [...site.pages.filter(({ url }) => wanted.includes(url)), ...site.pages.slice(0, 1)];
  return [...new Set(chosen)]
    .slice(0, MAX_PAGES)
    .map(({ url, title, description, text }) => ({ url, title, description, text: shorten(text, 800) }));
}

function check(heads: readonly PageHead[], urls: readonly string[], business: Business): string[] {
  const problems = urls
    .filter((url) => heads.every((head) => head.url !== url))
    .map((url) => `There is no entry for ${url}.`);
  for (const { url, title, description } of heads) {
    if (!urls.includes(url)) problems.push(`${url} was not asked for.`);
    problems.push(...checkLength(`The title of ${url}`, title, TITLE));
    problems.push(...checkLength(`The description of ${url}`, description, DESCRIPTION));
    problems.push(...findInvented(`${title}\n${description}`, business).map((problem) => `${url}: ${problem}`));
  }
  const titles = heads.map(({ title }) => title);
  if (new Set(titles).size < titles.length) problems.push('Two pages have the same title.');
  if (
    heads.length > 0 &&
    heads.every(({ title, description }) => !mentionsName(`${title} ${description}`, business.name))
  ) {
    problems.push(`None of them names ${business.name}.`);
  }
  return problems;
}
