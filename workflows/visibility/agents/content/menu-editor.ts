import type { HandlerContext, JsonObject } from 'errand';
import { count } from '../../../site_checkup/lib/report.js';
import { buildLocalBusiness, toScript } from '../../lib/schema-org/build-json-ld.js';
import { type AgentReport, conclude, type Issue } from '../../lib/reports/issue.js';
import type { Profile } from '../../lib/profile.js';
import { normalize } from '../../lib/text/text.js';
import type { DraftedService } from './draft-service.js';

export interface MenuEditorInput {
  readonly profile: Profile;
  readonly drafts: readonly DraftedService[];
}

export interface EditedMenu {
  readonly services: readonly DraftedService[];
  /** The whole menu as a page. */
  readonly markdown: string;
  readonly offers: JsonObject;
  readonly script: string;
}

const MAX_SHARED = 0.6;

/** Puts the drafts together as one menu, and looks for texts that are too much alike. */
export default function menuEditor(ctx: HandlerContext<MenuEditorInput>): AgentReport<EditedMenu> {
  const { profile, drafts } = ctx.input;
  const { business } = profile;
  ctx.progress(20, `Editing ${count(drafts.length, 'text')}`);
  const issues: Issue[] = [...findTwins(drafts), ...drafts.flatMap(toIssues)];
  ctx.progress(70, 'Writing the menu');
  const { hasOfferCatalog, ...rest } = buildLocalBusiness({ business, type: 'LocalBusiness', description: '' });
  const catalog = hasOfferCatalog as JsonObject;
  const offers: JsonObject = {
    '@context': 'https://schema.org',
    ...catalog,
    provider: { '@id': rest['@id'] ?? business.site },
    itemListElement: drafts.map(({ service, description }) => ({
      '@type': 'Offer',
      itemOffered: { '@type': 'Service', name: service, description },
    })),
  };
  const sections = drafts.map(
    ({ service, body, call_to_action: call }) => `## ${service}\n\n${body.trim()}\n\n**${call.trim()}**`,
  );
  return conclude(ctx, {
    score: null,
    findings: `A menu of ${count(drafts.length, 'service')} is ready${issues.length === 0 ? '' : `; ${count(issues.length, 'thing')} in it should be looked at`}.`,
    issues,
    details: {
      services: drafts,
      markdown: `# What we do in ${business.city}\n\n${sections.join('\n\n')}\n`,
      offers,
      script: toScript(offers),
    },
  });
}

function findTwins(drafts: readonly DraftedService[]): Issue[] {
  return drafts.flatMap((draft, index) =>
    drafts.slice(index + 1).flatMap((other): Issue[] => {
      if (normalize(draft.title) !== normalize(other.title) && shareOf(draft.body, other.body) <= MAX_SHARED) return [];
      return [
        {
          rule: 'texts-alike',
          severity: 'medium',
          message: `The texts about ${draft.service} and ${other.service} are nearly the same.`,
          action: 'Say in each what is special about that service: search engines pass over copies.',
          page: null,
        },
      ];
    }),
  );
}

/** How much of their runs of three words two texts have in common, 0 to 1. */
export function shareOf(one: string, other: string): number {
  const [a, b] = [shingles(one), shingles(other)];
  if (a.size === 0 || b.size === 0) return 0;
  return [...a].filter((shingle) => b.has(shingle)).length / Math.min(a.size, b.size);
}

function shingles(text: string): Set<string> {
  const words = normalize(text).split(' ');
  return new Set(words.slice(2).map((word, index) => `${words[index]} ${words[index + 1]} ${word}`));
}

function toIssues({ service, needs_a_look: problems }: DraftedService): Issue[] {
  return problems.map((problem) => ({
    rule: 'draft-needs-a-look',
    severity: 'low',
    message: `${service}: ${problem}`,
    action: 'Correct it before you publish the text.',
    page: null,
  }));
}
