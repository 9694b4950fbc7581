import type { HandlerContext, JsonSchema } from 'errand';
import { count } from '../../../site_checkup/lib/report.js';
import { askForJson, withInstruction } from '../../lib/customers/ask-for-json.js';
import { type AgentReport, conclude, type Issue } from '../../lib/reports/issue.js';
import type { Profile } from '../../lib/profile.js';
import { strictObject } from '../../lib/customers/strict-object.js';
import { shorten } from '../../lib/text/text.js';

export interface BrandMonitorInput {
  readonly profile: Profile;
}

export interface BrandImage {
  readonly known: boolean;
  readonly tone: 'positive' | 'neutral' | 'negative';
  readonly confused_with: readonly string[];
  readonly claims: readonly { readonly claim: string; readonly verdict: 'right' | 'wrong' | 'unproven' }[];
}

const IMAGE: JsonSchema = {
  title: 'brand_image',
  ...strictObject({
    known: { type: 'boolean' },
    tone: { enum: ['positive', 'neutral', 'negative'] },
    confused_with: { type: 'array', maxItems: 5, items: { type: 'string' } },
    claims: {
      type: 'array',
      maxItems: 12,
      items: strictObject({ claim: { type: 'string' }, verdict: { enum: ['right', 'wrong', 'unproven'] } }),
    },
  }),
};

const TASK =
  'An assistant was asked what it knows about this business; its answer is below. Does it know the business at all (`known`), what tone does it take, with which other businesses does it ' +
  'mix it up (`confused_with`), and which single claims does it make? Judge each claim by the profile alone: `right`, `wrong` when the profile contradicts it, else `unproven`.';

/** Has a model tell what it knows of the brand, and has that judged by the profile. */
export default async function brandMonitor(ctx: HandlerContext<BrandMonitorInput>): Promise<AgentReport<BrandImage>> {
  const { business } = ctx.input.profile;
  const { name, city } = business;
  ctx.progress(10, 'Asking what is known');
  const told = await ctx.generate<string>({
    key: 'what is known',
    model: 'default',
    system: withInstruction(
      'Answer from what you know, in at most ten sentences. If you know nothing, say so.',
      ctx.instruction,
    ),
    prompt: `What do you know about ${name} in ${city}? What are they good at, what do people say, and how can they be reached?`,
  });
  ctx.progress(55, 'Holding it against the profile');
  const image = await askForJson<BrandImage>(ctx, {
    key: 'judge',
    business,
    task: TASK,
    material: { answer: told.text.slice(0, 6_000) },
    schema: IMAGE,
  });
  const wrong = image.claims.filter(({ verdict }) => verdict === 'wrong');
  return conclude(ctx, {
    score: score(image),
    findings: describe(image, name),
    issues: [...findIssues(image, name), ...wrong.map(({ claim }) => toIssue(claim))],
    details: image,
  });
}

function score({ known, tone, claims, confused_with: confused }: BrandImage): number {
  if (!known) return 20;
  const wrong = claims.filter(({ verdict }) => verdict === 'wrong').length;
  const right = claims.filter(({ verdict }) => verdict === 'right').length;
  const correct = wrong + right === 0 ? 0.5 : right / (wrong + right);
  const base = { positive: 40, neutral: 30, negative: 5 }[tone];
  return Math.max(0, Math.round(base + 60 * correct - 10 * confused.length));
}

function describe({ known, tone, claims, confused_with: confused }: BrandImage, name: string): string {
  if (!known) return `Assistants do not know ${name} by its name yet.`;
  const wrong = claims.filter(({ verdict }) => verdict === 'wrong').length;
  const mixed = confused.length === 0 ? '' : ` It is mixed up with ${confused.slice(0, 2).join(' and ')}.`;
  return `Assistants know ${name} and speak of it in a ${tone} tone; ${wrong} of ${count(claims.length, 'claim')} ${wrong === 1 ? 'contradicts' : 'contradict'} your profile.${mixed}`;
}

function findIssues({ known, tone, confused_with: confused }: BrandImage, name: string): Issue[] {
  const issues: Issue[] = [];
  if (!known) {
    issues.push({
      rule: 'brand-unknown',
      severity: 'medium',
      message: `Assistants have nothing to say about ${name}.`,
      action: 'Be written about: your own “about us” page, local directories, the chamber of commerce, local news.',
      page: null,
    });
  } else if (tone === 'negative') {
    issues.push({
      rule: 'brand-tone-negative',
      severity: 'high',
      message: `Assistants speak badly of ${name}.`,
      action: 'See what customers complain about, answer their reviews, and ask content customers for theirs.',
      page: null,
    });
  }
  for (const other of confused.slice(0, 3)) {
    issues.push({
      rule: 'brand-confused',
      severity: 'medium',
      message: `${name} is mixed up with ${shorten(other, 100)}.`,
      action: 'Use your full name with your town everywhere, in the same spelling.',
      page: null,
    });
  }
  return issues;
}

function toIssue(claim: string): Issue {
  return {
    rule: 'brand-claim-wrong',
    severity: 'high',
    message: `Assistants say what is not true: “${shorten(claim, 200)}”.`,
    action: 'Put the right statement on your site, in a sentence that can be quoted.',
    page: null,
  };
}
