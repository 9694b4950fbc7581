import type { HandlerContext } from 'errand';
import { describeFailed, describeNext, type EndedAgent, mergeReports } from '../../lib/reports/merge-reports.js';
import type { Profile } from '../../lib/profile.js';
import type { CollectedReviews } from './collect-reviews.js';
import type { WrittenReplies } from './reply-writer.js';
import type { Reputation } from './reputation-reader.js';

export interface ReputationReportInput {
  readonly profile: Profile;
  readonly agents: {
    readonly collector: EndedAgent<CollectedReviews>;
    readonly analyst: EndedAgent<Reputation>;
    readonly writer: EndedAgent<WrittenReplies>;
  };
}

/** Puts what customers say and what is answered together. */
export default function reputationReport({ input }: Pick<HandlerContext<ReputationReportInput>, 'input'>): object {
  const { profile, agents } = input;
  const all = Object.values(agents);
  const merged = mergeReports(all);
  const told = all.flatMap(({ report }) => (report === null ? [] : [report.findings]));
  const reputation = agents.analyst.report?.details ?? null;
  const collected = agents.collector.report?.details ?? null;
  return {
    summary: `${told.join(' ')} ${describeNext(merged.issues, 2)}${describeFailed(all)}`,
    result: {
      business: profile.business.name,
      ...merged,
      average: collected?.average ?? null,
      ratings: collected?.ratings ?? {},
      sentiments: reputation?.sentiments ?? null,
      themes: reputation?.themes ?? [],
      reviews: (collected?.reviews ?? []).map((review) => {
        const judged = reputation?.judged.find(({ id }) => id === review.id);
        const reply = agents.writer.report?.details.replies.find(({ id }) => id === review.id);
        return {
          ...review,
          sentiment: judged?.sentiment ?? null,
          themes: judged?.themes ?? [],
          reply: reply?.reply ?? null,
        };
      }),
    },
  };
}
