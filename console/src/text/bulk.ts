import type { BulkAction, BulkStatus } from '@core/bulk/bulk-job.js';

const runs = (count: number): string => `${count.toLocaleString()} ${count === 1 ? 'run' : 'runs'}`;
const credits = (count: number): string => `${count.toLocaleString()} ${count === 1 ? 'credit' : 'credits'}`;

const DOING: Record<BulkAction, string> = { cancel: 'Cancelling', retry: 'Retrying', rerun: 'Rerunning' };

/** The texts of what is done to many runs at once. */
export const bulk = {
  title: 'Bulk jobs',
  intro: 'What was done to many runs at once. A job goes on by itself when this page is closed, and after a restart.',
  none: 'None yet. In the list of runs, "Cancel all", "Retry all" and "Rerun all" make one.',
  toRuns: 'To the runs',
  bar: 'Many runs at once',
  selectPage: 'Select the runs of this page',
  selectRun: (name: string, id: string) => `Select ${name}, ${id}`,
  selected: (count: number) => `${runs(count)} selected`,
  clear: 'Clear the selection',
  /** Of everything that the filter finds, or of what is selected. */
  all: { cancel: 'Cancel all…', retry: 'Retry all…', rerun: 'Rerun all…' } satisfies Record<BulkAction, string>,
  some: { cancel: 'Cancel…', retry: 'Retry…', rerun: 'Rerun…' } satisfies Record<BulkAction, string>,
  ask: {
    cancel: 'Cancel these runs?',
    retry: 'Retry these runs?',
    rerun: 'Rerun these runs?',
  } satisfies Record<BulkAction, string>,
  body: {
    cancel: 'Nodes at work are stopped. What has completed stays in the logs. A cancelled run can be retried.',
    retry: 'Each run goes on: what failed, was cancelled or never had its turn runs again.',
    rerun: 'For each, a new run does the work again, with the same input.',
  } satisfies Record<BulkAction, string>,
  counting: 'Counting…',
  wouldBe: {
    cancel: (count: number, hasMore: boolean) => `${hasMore ? 'More than ' : ''}${runs(count)} would be cancelled`,
    retry: (count: number, hasMore: boolean) => `${hasMore ? 'More than ' : ''}${runs(count)} would be retried`,
    rerun: (count: number, hasMore: boolean) => `${hasMore ? 'More than ' : ''}${runs(count)} would be run again`,
  } satisfies Record<BulkAction, (count: number, hasMore: boolean) => string>,
  nothing: {
    cancel: 'None of these runs is still going on: there is nothing to cancel.',
    retry: 'None of these runs has failed or was cancelled: there is nothing to retry.',
    rerun: 'None of these runs has ended: there is nothing to rerun.',
  } satisfies Record<BulkAction, string>,
  hasMore: 'Those that are not counted here are part of it, too.',
  skipped: (count: number) =>
    count === 1
      ? '1 more was started by another run, and is dealt with there.'
      : `${count.toLocaleString()} more were started by other runs, and are dealt with there.`,
  reserves: (count: number, available: number) =>
    count === 0
      ? 'It costs no credits.'
      : `It reserves ${credits(count)}, one run after the other. ${available.toLocaleString()} are available.`,
  releases: (count: number) =>
    count === 0 ? 'No credits are reserved for them.' : `It releases ${credits(count)} that are reserved.`,
  tooFew: 'There are not enough credits for all of them: runs that none are left for are refused.',
  models: (cost: string) => `Models, by the latest runs: about ${cost}.`,
  modelsAgain: 'Model calls that run again are paid for again.',
  moreWorkflows: (count: number) => `and ${count} other workflows`,
  reason: 'Reason (optional), for the logs of the runs',
  sameVersion: 'Stay on the versions that they were on',
  confirm: {
    cancel: (count: number) => `Cancel ${runs(count)}`,
    retry: (count: number) => `Retry ${runs(count)}`,
    rerun: (count: number) => `Rerun ${runs(count)}`,
  } satisfies Record<BulkAction, (count: number) => string>,
  jobOf: (action: BulkAction, count: number | null) => `${DOING[action]} ${count === null ? 'many runs' : runs(count)}`,
  status: { running: 'Running', completed: 'Completed', stopped: 'Stopped' } satisfies Record<BulkStatus, string>,
  progress: 'How far it is',
  of: (dealt: number, expected: number | null) =>
    expected === null
      ? `${dealt.toLocaleString()} so far`
      : `${dealt.toLocaleString()} of ${expected.toLocaleString()}`,
  done: 'Done',
  skippedLabel: 'Not needed',
  refusedLabel: 'Refused',
  skippedAbout: 'had ended or gone on by themselves, or were started by other runs',
  waits: (why: string) => `It waits: ${why}`,
  stop: 'Stop the job',
  stopAbout: 'What it has done stays done.',
  refusals: 'Why runs were refused',
  firstOf: (shown: number, count: number) => (count > shown ? `the first ${shown} of ${count.toLocaleString()}` : ''),
  columns: ['Job', 'State', 'How far', 'Begun'],
  refusalColumns: ['Run', 'Why'],
  open: 'How far it is',
  which: 'Which runs',
  namedRuns: (count: number) => `${runs(count)} that ${count === 1 ? 'was' : 'were'} selected`,
  show: 'Show the runs',
  begun: 'Begun',
  took: 'Took',
  why: 'Reason',
  notFound: 'There is no such bulk job. The latest 100 are kept.',
} as const;
