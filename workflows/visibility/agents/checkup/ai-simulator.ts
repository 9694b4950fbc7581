import type { HandlerContext } from 'errand';
import { count, list } from '../../../site_checkup/lib/report.js';
import { askCustomers, type AskedCustomers } from '../../lib/customers/ask-customers.js';
import { type AgentReport, conclude, type Issue } from '../../lib/reports/issue.js';
import type { Business, Profile } from '../../lib/profile.js';
import { makeQuestions } from '../../lib/customers/questions.js';
import { computeStanding, type Standing } from '../../lib/customers/standing.js';
import { shorten } from '../../lib/text/text.js';

export interface AiSimulatorInput {
  readonly profile: Profile;
  /** How often the node is tried in all. */
  readonly attempts: number;
}

export interface Simulation {
  readonly standing: Standing;
  readonly models: readonly string[];
  readonly answers: readonly object[];
  readonly silent: AskedCustomers['silent'];
}

const MAX_QUOTED_CHARS = 600;
const FACT_NAMES = { phone: 'telephone number', address: 'address', hours: 'opening hours', services: 'services' };

/** Asks models what customers ask, and holds their answers against the profile. */
export default async function aiSimulator(ctx: HandlerContext<AiSimulatorInput>): Promise<AgentReport<Simulation>> {
  const { profile, attempts } = ctx.input;
  const { business } = profile;
  const questions = makeQuestions(business);
  const { answers, silent } = await askCustomers({ ctx, profile, questions, attempts });
  const standing = computeStanding(answers, business);
  const models = [...new Set(answers.map(({ model }) => model))];
  return conclude(ctx, {
    score: standing.score,
    findings: describe(standing, models.length, business),
    issues: [...findIssues(standing, business), ...silent.map(toIssue)],
    details: {
      standing,
      models,
      silent,
      answers: answers.map(({ question, model, answer, mentioned, facts, competitors }) => ({
        question: question.text,
        model,
        answer: shorten(answer, MAX_QUOTED_CHARS),
        mentioned,
        facts,
        competitors,
      })),
    },
  });
}

function describe({ mentions, discoveries, facts, competitors }: Standing, models: number, { name }: Business): string {
  const asked = `${count(models, 'AI assistant')} named ${name} in ${mentions} of ${count(discoveries, 'answer')} to customers who looked for your services`;
  const [rival] = competitors;
  const instead = rival === undefined ? '' : `, ${rival.name} in ${rival.mentions}`;
  const told = facts.right + facts.wrong;
  const right =
    told === 0
      ? 'None told any fact about you'
      : `Of ${count(told, 'fact')} told about you, ${facts.wrong} ${facts.wrong === 1 ? 'is' : 'are'} wrong`;
  return `${asked}${instead}. ${right}.`;
}

function findIssues(standing: Standing, business: Business): Issue[] {
  const { name } = business;
  const issues: Issue[] = [];
  for (const fact of new Set(standing.wrongFacts.map((each) => each.fact))) {
    const models = new Set(standing.wrongFacts.filter((each) => each.fact === fact).map(({ model }) => model));
    issues.push({
      rule: `ai-${fact}-wrong`,
      severity: 'high',
      message: `Asked for your ${FACT_NAMES[fact]}, ${list([...models])} told something else than your profile says.`,
      action: `Give your ${FACT_NAMES[fact]} in text and structured data on your site, and correct it in maps and directories.`,
      page: null,
    });
  }
  if (standing.discoveries > 0 && standing.mentions === 0) {
    issues.push({
      rule: 'ai-never-named',
      severity: 'high',
      message: `No assistant named ${name} to customers who looked for what you offer.`,
      action:
        'Have a page for each service that names your town, and be listed where assistants read: maps, directories, local news.',
      page: null,
    });
  } else if (standing.missedServices.length > 0) {
    issues.push({
      rule: 'ai-services-missed',
      severity: 'medium',
      message: `Assistants do not name you for ${list(standing.missedServices.slice(0, 5))}.`,
      action: 'Give each of these services a page of its own that names your town.',
      page: null,
    });
  }
  const [rival] = standing.competitors;
  if (rival !== undefined && rival.mentions > standing.mentions) {
    issues.push({
      rule: 'ai-competitor-ahead',
      severity: 'medium',
      message: `Assistants name ${rival.name} more often than you: ${rival.mentions} times, you ${standing.mentions}.`,
      action: 'Look at what they publish that you do not: the Conquest Campaign compares you.',
      page: null,
    });
  }
  return issues;
}

function toIssue({ asked, questions, reason }: AskedCustomers['silent'][number]): Issue {
  return {
    rule: 'ai-silent',
    severity: 'low',
    message: `${asked} left ${count(questions, 'question')} unanswered: ${shorten(reason, 200)}`,
    action: 'Nothing that you can do: the score counts the answers that came.',
    page: null,
  };
}
