function inCredits(count: number): string {
  return `${count} ${count === 1 ? 'credit' : 'credits'}`;
}

/** Every text of the view that is its own. */
export const text = {
  status: {
    pending: 'Pending',
    running: 'Running',
    waiting: 'Waiting',
    completed: 'Completed',
    partial_complete: 'Partly complete',
    failed: 'Failed',
    cancelled: 'Cancelled',
    skipped: 'Skipped',
  } as { readonly [status: string]: string },
  waitingForRun: 'Waiting for the run…',
  progress: 'Progress',
  agents: 'Agents',
  summary: 'Summary',
  asks: (node: string) => `${node} asks`,
  answer: 'Send the answer',
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
  leftOut: (count: number) => `and ${count} more`,
};
