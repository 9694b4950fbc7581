import type { HandlerContext } from 'errand';
import { describeFailed, describeNext, type EndedAgent, mergeReports } from '../../lib/reports/merge-reports.js';
import type { Profile } from '../../lib/profile.js';
import type { Simulation } from './ai-simulator.js';
import type { BrandImage } from './brand-monitor.js';
import type { Reputation } from '../reputation/reputation-reader.js';

export interface CheckupReportInput {
  readonly profile: Profile;
  readonly agents: {
    readonly simulator: EndedAgent<Simulation>;
    readonly brand: EndedAgent<BrandImage>;
    readonly site: EndedAgent;
    readonly structured_data: EndedAgent;
    readonly reputation: EndedAgent<Reputation>;
  };
}

/** Puts together what the agents of the checkup found. */
export default function checkupReport({ input }: Pick<HandlerContext<CheckupReportInput>, 'input'>): object {
  const { agents, profile } = input;
  const all = Object.values(agents);
  const merged = mergeReports(all);
  const { name } = profile.business;
  const simulation = agents.simulator.report?.details ?? null;
  const reputation = agents.reputation.report?.details ?? null;
  const scored =
    merged.score === null
      ? `${name} could not be scored.`
      : `${name} scores ${merged.score} of 100 for how well customers and AI assistants can find it.`;
  const simulated = agents.simulator.report === null ? '' : ` ${agents.simulator.report.findings}`;
  return {
    summary: `${scored}${simulated} ${describeNext(merged.issues, 3)}${describeFailed(all)}`,
    result: {
      business: name,
      ...merged,
      ai: simulation,
      brand: agents.brand.report?.details ?? null,
      site: agents.site.report?.details ?? null,
      structured_data: agents.structured_data.report?.details ?? null,
      reputation,
    },
  };
}
