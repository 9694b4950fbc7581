import type { HandlerContext } from 'errand';
import { fail } from '../../../site_checkup/lib/fail.js';
import { count, list } from '../../../site_checkup/lib/report.js';
import { type AgentReport, conclude, type Issue, scoreIssues } from '../../lib/reports/issue.js';
import type { Presence } from '../../lib/site/presence.js';
import type { Profile } from '../../lib/profile.js';
import type { ShareOfVoice } from './answer-scout.js';
import type { Presences } from './competitor-reader.js';

export interface GapAnalystInput {
  readonly profile: Profile;
  readonly presences: AgentReport<Presences> | null;
  readonly voice: AgentReport<ShareOfVoice> | null;
}

export interface Comparison {
  readonly services: readonly {
    readonly service: string;
    /** Null when the own site could not be read. */
    readonly own: boolean | null;
    readonly competitors: readonly string[];
  }[];
  readonly ahead: readonly string[];
  readonly behind: readonly string[];
}

/** Compares what the own site has to show with what competitors have. */
export default function gapAnalyst(ctx: HandlerContext<GapAnalystInput>): AgentReport<Comparison> {
  const { profile, presences, voice } = ctx.input;
  if (presences === null && voice === null) {
    fail('There is nothing to compare: neither sites nor answers could be had', { kind: 'no_data', retryable: false });
  }
  ctx.progress(20, 'Comparing');
  const own = presences?.details.own ?? null;
  const others = presences?.details.competitors ?? [];
  const services = profile.business.services.map((service) => ({
    service,
    own: own === null ? null : own.servicePages.includes(service),
    competitors: others.filter(({ servicePages }) => servicePages.includes(service)).map(({ name }) => name),
  }));
  const issues = [
    ...services.flatMap(toServiceIssue),
    ...(own === null ? [] : compareFeatures(own, others)),
    ...(voice === null ? [] : compareVoice(voice.details, profile.business.name)),
  ];
  const ahead = services
    .filter((each) => each.own === true && each.competitors.length === 0)
    .map((each) => each.service);
  const behind = services
    .filter((each) => each.own === false && each.competitors.length > 0)
    .map((each) => each.service);
  const lead = ahead.length === 0 ? '' : ` Only you have a page about ${list(ahead.slice(0, 3))}.`;
  const lag = behind.length === 0 ? '' : ` Competitors have pages about ${list(behind.slice(0, 3))}, you do not.`;
  return conclude(ctx, {
    score: scoreIssues(issues),
    findings: `${count(issues.length, 'point')} where competitors are ahead of you.${lead}${lag}`,
    issues,
    details: { services, ahead, behind },
  });
}

function toServiceIssue({ service, own, competitors }: Comparison['services'][number]): Issue[] {
  if (own !== false || competitors.length === 0) return [];
  return [
    {
      rule: 'service-behind',
      severity: 'high',
      message: `${list(competitors)} ${competitors.length === 1 ? 'has' : 'have'} a page about ${service}, you do not.`,
      action: `Write a page about ${service} that is better than theirs.`,
      page: null,
    },
  ];
}

const FEATURES: readonly {
  readonly rule: string;
  readonly has: (presence: Presence) => boolean;
  readonly tell: (names: string) => string;
  readonly action: string;
}[] = [
  {
    rule: 'structured-data-behind',
    has: ({ structuredData }) => structuredData !== null,
    tell: (names) => `Machines are told what the business is (structured data) by ${names}, but not by your site.`,
    action: 'Put a LocalBusiness block on your home page: Fix My Visibility drafts it.',
  },
  {
    rule: 'faq-behind',
    has: ({ hasFaq }) => hasFaq,
    tell: (names) => `Frequent questions are answered in structured data by ${names}, but not by your site.`,
    action: 'Publish questions and answers.',
  },
  {
    rule: 'rating-behind',
    has: ({ rating }) => rating !== null,
    tell: (names) => `Search engines are shown a rating by ${names}, but not by your site.`,
    action: 'Publish your own reviews with their structured data.',
  },
  {
    rule: 'city-behind',
    has: ({ namesCity }) => namesCity,
    tell: (names) => `Your town stands in titles or headings of ${names}, but not in yours.`,
    action: 'Name your town where you say what you do.',
  },
];

function compareFeatures(own: Presence, others: readonly Presence[]): Issue[] {
  return FEATURES.flatMap(({ rule, has, tell, action }): Issue[] => {
    const names = others.filter(has).map(({ name }) => name);
    if (has(own) || names.length === 0) return [];
    return [{ rule, severity: 'medium', message: tell(list(names)), action, page: own.site }];
  });
}

function compareVoice({ named, answers }: ShareOfVoice, name: string): Issue[] {
  const own = named.find((each) => each.name === name)?.mentions ?? 0;
  return named
    .filter(({ mentions }) => mentions > own)
    .map((rival): Issue => ({
      rule: 'voice-behind',
      severity: own === 0 ? 'high' : 'medium',
      message: `AI assistants name ${rival.name} in ${rival.mentions} of ${answers} answers, you in ${own}.`,
      action: `Look at where ${rival.name} is written about, and be there too.`,
      page: null,
    }));
}
