import { status } from '@console/text/status.js';

function inCredits(count: number): string {
  return `${count} ${count === 1 ? 'credit' : 'credits'}`;
}

/** Every text of the view that is its own. */
export const text = {
  status: status as { readonly [name: string]: string },
  waitingForRun: 'Waiting for the run…',
  progress: 'Progress',
  agents: 'Agents',
  summary: 'Summary',
  asks: (node: string) => `${node} asks`,
  answer: 'Send the answer',
  yourAnswer: 'Answer',
  input: 'Input',
  cancel: 'Cancel run',
  cancelSure: 'Cancel this run? What is at work is stopped.',
  retry: 'Retry',
  retrySure: (credits: number) =>
    `Retry? What failed runs again, what has completed is kept. ${credits > 0 ? `It reserves up to ${inCredits(credits)}.` : 'It costs no credits.'}`,
  yes: 'Yes',
  no: 'No',
  busy: 'Sending…',
  credits: (used: number, reserved: number, isEnded: boolean) =>
    isEnded ? inCredits(used) : `${inCredits(reserved)} reserved`,
  cost: (dollars: number) => `$${dollars.toFixed(dollars > 0 && dollars < 1 ? 4 : 2)} for models`,
  expand: 'Full screen',
  shrink: 'Back',
  stale: (why: string) => `This may be out of date: ${why}`,
  noAnswer: 'the host gave no answer',
  notAllowed: 'This host does not let the view ask for the run: what is shown is how it stood.',
  tryAgain: 'Try again',
  runs: 'Runs',
  waitingForRuns: 'Waiting for the list…',
  noRuns: 'No run fits what was asked for.',
  of: (shown: number, total: number) => `${shown} of ${total}`,
  took: (seconds: number) => (seconds < 1 ? 'under a second' : `${Math.round(seconds)} s`),
  older: 'Older runs',
  newest: 'Newest runs',
  allRuns: '← All runs',
  waitingForWorkflow: 'Waiting for the workflow…',
  costs: (credits: number) => (credits === 0 ? 'no credits' : inCredits(credits)),
  startFor: (credits: number) => (credits === 0 ? 'Start' : `Start, for ${inCredits(credits)}`),
  startAnother: 'Start another run',
  notReady: (why: string) => `It cannot be started yet. ${why}`,
  mayNotStart: 'This host does not let the view start runs: ask the assistant to.',
  leftOut: (count: number) => `and ${count} more`,
};
