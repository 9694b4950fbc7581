import type { HandlerContext } from 'errand';
import { count, list } from '../../../site_checkup/lib/report.js';
import { askCustomers } from '../../lib/customers/ask-customers.js';
import { type AgentReport, conclude } from '../../lib/reports/issue.js';
import type { Profile } from '../../lib/profile.js';
import { makeDiscoveries } from '../../lib/customers/questions.js';
import { computeStanding } from '../../lib/customers/standing.js';

export interface AnswerScoutInput {
  readonly profile: Profile;
  readonly attempts: number;
}

export interface ShareOfVoice {
  readonly answers: number;
  /** The own business and its competitors, most named first. */
  readonly named: readonly { readonly name: string; readonly mentions: number }[];
}

const QUESTIONS = 6;

/** Asks models whom they recommend, and counts who is named. */
export default async function answerScout(ctx: HandlerContext<AnswerScoutInput>): Promise<AgentReport<ShareOfVoice>> {
  const { profile, attempts } = ctx.input;
  const { business } = profile;
  const questions = makeDiscoveries({ city: business.city, services: business.services, count: QUESTIONS });
  const { answers } = await askCustomers({ ctx, profile, questions, attempts });
  const { mentions, competitors } = computeStanding(answers, business);
  const named = [{ name: business.name, mentions }, ...competitors].toSorted((a, b) => b.mentions - a.mentions);
  const told = named.map((each) => `${each.name} ${each.mentions}`);
  return conclude(ctx, {
    score: Math.round((100 * mentions) / Math.max(1, answers.length)),
    findings: `In ${count(answers.length, 'answer')} of AI assistants, these were named: ${list(told)}.`,
    issues: [],
    details: { answers: answers.length, named },
  });
}
