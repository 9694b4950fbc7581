import type { ApiOverviewWait } from '@api/overview-types.js';

/** How runs go, at a glance. */
export const overview = {
  title: 'Overview',
  now: 'Now',
  counts: {
    running: 'running',
    pending: 'waiting for their turn',
    failed: 'failed, of all that are kept',
    partial_complete: 'partly complete, of all that are kept',
    cancelled: 'cancelled, of all that are kept',
    completed: 'completed, of all that are kept',
  },
  needs: 'What needs a person',
  nothing: 'Nothing waits for an answer. What a run asks a person stands here until somebody has answered it.',
  waits: 'What else waits',
  noWaits: 'Nothing waits. Runs that wait for a time, an event, another run or their turn stand here.',
  waitsFor: {
    answer: 'For an answer',
    retry: 'For their next attempt',
    time: 'For a time',
    run: 'For runs that they started',
    event: 'For an event',
    turn: 'For their turn',
  } satisfies Record<ApiOverviewWait['waits_for'], string>,
  looked: (count: number) => `of the newest ${count} that go on`,
  moreWorkflows: 'Show more workflows',
  figuresOf: (count: number) => (count === 1 ? 'Of its one run' : `Of its latest ${count} runs`),
  cost: (count: number) => `Models, last ${count}`,
  multiples: {
    success: 'Completed',
    times: 'Time: half, 95 %',
    credits: 'Credits',
    successes: (shares: readonly string[]) =>
      `Completed, of those that ended, in tens of runs, the oldest first: ${shares.join(', ')}`,
    timesOf: (halves: readonly string[], most: readonly string[]) =>
      `In tens of runs, the oldest first: half took up to ${halves.join(', ')}; 95 % up to ${most.join(', ')}`,
    creditsOf: (credits: readonly string[]) => `Credits, in tens of runs, the oldest first: ${credits.join(', ')}`,
  },
  asks: (node: string) => `${node} asks`,
  open: 'Answer',
  workflows: 'Workflows',
  last: (count: number) => `Last ${count} ${count === 1 ? 'run' : 'runs'}, the newest on the right`,
  noRuns: 'No runs yet',
  half: 'Half took up to',
  most: '95 % took up to',
  credits: 'Credits',
  lastFailure: 'Last failure',
} as const;

/** What runs came to, in numbers. */
export const outcomes = {
  completed: 'Completed',
  of: (completed: number, ended: number) => `${completed.toLocaleString()} of ${ended.toLocaleString()} that ended`,
  others: 'The others',
  other: {
    partial_complete: (count: number) => `${count.toLocaleString()} partly complete`,
    failed: (count: number) => `${count.toLocaleString()} failed`,
    cancelled: (count: number) => `${count.toLocaleString()} cancelled`,
  },
} as const;
