import type { HandlerContext, JsonSchema } from 'errand';
import { fail } from '../../../site_checkup/lib/fail.js';
import { count } from '../../../site_checkup/lib/report.js';
import { collectTasks, type ChildResults, type PlanStep, type PlanTask } from '../../lib/reports/full-plan.js';
import { checkLength, writeDraft } from '../../lib/customers/draft.js';
import { type AgentReport, conclude } from '../../lib/reports/issue.js';
import type { Profile } from '../../lib/profile.js';
import { strictObject } from '../../lib/customers/strict-object.js';

export interface ServiceAdvisorInput {
  readonly profile: Profile;
  readonly children: ChildResults;
}

export interface AdvisedPlan {
  readonly opening: string;
  readonly steps: readonly PlanStep[];
}

interface DraftPlan {
  readonly opening: string;
  readonly steps: readonly { readonly task: number; readonly week: number; readonly why: string }[];
}

const MAX_TASKS = 30;
const MAX_STEPS = 10;
const OPENING = { min: 40, max: 600 };

const PLAN: JsonSchema = {
  title: 'visibility_plan',
  ...strictObject({
    opening: { type: 'string' },
    steps: {
      type: 'array',
      items: strictObject({ task: { type: 'integer' }, week: { type: 'integer' }, why: { type: 'string' } }),
    },
  }),
};

const TASK =
  `Several examinations of this business found the tasks below. Choose the ${MAX_STEPS} at most that bring the most customers for the least work, put them into the order in which the owner should do them over ` +
  `four weeks (week 1 to 4), and say of each in a sentence why. \`task\` is the number of a task. \`opening\` is how things stand, in ${OPENING.min} to ${OPENING.max} characters, for the owner to read first.`;

/** Makes one plan of what all the others found. */
export default async function serviceAdvisor(
  ctx: HandlerContext<ServiceAdvisorInput>,
): Promise<AgentReport<AdvisedPlan>> {
  const { profile, children } = ctx.input;
  if (Object.values(children).every((child) => child === null)) {
    fail('There is nothing to make a plan of: no examination came to an end', { kind: 'no_data', retryable: false });
  }
  const tasks = collectTasks(children).slice(0, MAX_TASKS);
  ctx.progress(10, `Ordering ${count(tasks.length, 'task')}`);
  const scores = Object.fromEntries(Object.entries(children).map(([name, child]) => [name, child?.score ?? null]));
  const { draft } = await writeDraft<DraftPlan>(
    ctx,
    {
      key: 'plan',
      business: profile.business,
      task: TASK,
      material: {
        scores,
        tasks: tasks.map(({ id, severity, message, action }) => ({ id, severity, message, action })),
      },
      schema: PLAN,
    },
    (plan) => check(plan, tasks),
  );
  const steps = draft.steps.flatMap(({ task, week, why }, index): PlanStep[] => {
    const found = tasks.find(({ id }) => id === task);
    const isFirst = draft.steps.findIndex((each) => each.task === task) === index;
    return found === undefined || !isFirst ? [] : [{ week: Math.min(4, Math.max(1, week)), why, ...found }];
  });
  return conclude(ctx, {
    score: null,
    findings: `A plan of ${count(steps.length, 'step')} over four weeks is made of ${count(tasks.length, 'task')}.`,
    issues: [],
    details: { opening: draft.opening, steps: steps.toSorted((a, b) => a.week - b.week) },
  });
}

function check({ opening, steps }: DraftPlan, tasks: readonly PlanTask[]): string[] {
  const problems = steps
    .filter(({ task }) => tasks.every(({ id }) => id !== task))
    .map(({ task }) => `There is no task ${task}.`);
  if (new Set(steps.map(({ task }) => task)).size < steps.length) problems.push('A task is in the plan twice.');
  if (steps.length > MAX_STEPS) problems.push(`There are ${steps.length} steps, not at most ${MAX_STEPS}.`);
  if (steps.length === 0 && tasks.length > 0) problems.push('There is no step.');
  if (steps.some(({ week }) => week < 1 || week > 4)) problems.push('A week is not 1 to 4.');
  return [...problems, ...checkLength('The opening', opening, OPENING)];
}
