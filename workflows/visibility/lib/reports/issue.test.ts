import { describe, expect, it } from 'vitest';
import { findBlockedAssistants } from '../site/ai-robots.js';
import { collectTasks, planBySeverity, type ChildResult } from './full-plan.js';
import { type Issue, scoreIssues, worstFirst } from './issue.js';
import { describeFailed, describeNext, mergeReports, type EndedAgent } from './merge-reports.js';

const issue = (rule: string, severity: Issue['severity'], page: string | null = null): Issue => ({
  rule,
  severity,
  message: `${rule} is wrong.`,
  action: `Mend ${rule}.`,
  page,
});
const ended = (role: string, score: number | null, issues: readonly Issue[]): EndedAgent => ({
  role,
  label: role.toUpperCase(),
  report: { score, findings: 'Found.', issues, details: null },
  error: null,
});
const failed: EndedAgent = { role: 'c', label: 'C', report: null, error: { message: 'no model' } };

describe('issues', () => {
  it('cost points by how bad they are, and less when a rule is broken again', () => {
    expect(scoreIssues([])).toBe(100);
    const once = scoreIssues([issue('a', 'high')]);
    const twice = scoreIssues([issue('a', 'high'), issue('a', 'high')]);
    const others = scoreIssues([issue('a', 'high'), issue('b', 'high')]);
    expect([once, twice, others]).toEqual([79, 75, 63]);
  });

  it('are put in order, worst first, and otherwise stay as they were', () => {
    const issues = [issue('a', 'low'), issue('b', 'high'), issue('c', 'medium'), issue('d', 'high')];
    expect(worstFirst(issues).map(({ rule }) => rule)).toEqual(['b', 'd', 'c', 'a']);
  });
});

describe('reports', () => {
  it('are merged: the score is that of those who judged something', () => {
    const merged = mergeReports([ended('a', 80, [issue('x', 'low')]), ended('b', null, [issue('y', 'high')]), failed]);
    expect(merged).toMatchObject({
      score: 80,
      agents: { a: { score: 80 }, b: { score: null } },
      issues: [
        { agent: 'b', rule: 'y' },
        { agent: 'a', rule: 'x' },
      ],
      failed: [{ agent: 'c', reason: 'no model' }],
    });
    expect(mergeReports([failed])).toMatchObject({ score: null, agents: {}, issues: [] });
  });

  it('end with what to do first, each rule once, and with who is missing', () => {
    expect(describeNext([issue('x', 'high', 'p'), issue('x', 'high', 'q'), issue('y', 'low')], 2)).toBe(
      'What to do first: 1. x is wrong. Mend x. 2. y is wrong. Mend y.',
    );
    expect(describeNext([], 2)).toBe('There is nothing urgent to do.');
    expect(describeFailed([failed])).toBe(' C could not finish, so its part is missing.');
    expect(describeFailed([ended('a', 1, [])])).toBe('');
  });
});

describe('a plan without an advisor', () => {
  it('takes what several parts found once, the worst first, three a week', () => {
    const child = (...issues: Issue[]): ChildResult => ({
      score: 1,
      issues: issues.map((each) => ({ agent: 'a', ...each })),
    });
    const tasks = collectTasks({
      checkup: child(issue('x', 'low', 'p'), issue('y', 'high')),
      fixes: child(issue('x', 'low', 'p'), issue('x', 'low', 'q')),
      campaign: null,
      menu: child(issue('z', 'medium')),
      reputation: null,
    });
    expect(tasks.map(({ id, rule, page }) => [id, rule, page])).toEqual([
      [1, 'y', null],
      [2, 'z', null],
      [3, 'x', 'p'],
      [4, 'x', 'q'],
    ]);
    expect(planBySeverity(tasks).map(({ week }) => week)).toEqual([1, 1, 1, 2]);
  });
});

describe('robots of assistants', () => {
  it('are named that robots.txt keeps out', () => {
    const url = 'https://x.example/';
    expect(findBlockedAssistants({ url, robots: '' })).toEqual([]);
    expect(findBlockedAssistants({ url, robots: 'User-agent: ClaudeBot\nDisallow: /' })).toEqual([
      'Claude (ClaudeBot)',
    ]);
    expect(findBlockedAssistants({ url, robots: 'User-agent: *\nDisallow: /' })).toHaveLength(5);
  });
});
