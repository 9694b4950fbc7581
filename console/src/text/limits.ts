/** What is said of limits. */
export const limits = {
  title: 'Limits',
  columns: ['Of', 'Now', 'At most'],
  of: {
    runs: 'Active runs',
    nodes: 'Active nodes',
    organization: 'Calls in a minute, all keys',
    key: 'Calls in a minute, this key',
    changes: 'Starts and cancels in a minute, this key, by contract B',
    credits: 'Credits this month, reserved ones too',
  },
  notCounted: '–',
  none: 'no limit',
  own: 'set for this organization',
  ofServer: 'the same for all without one of their own',
  process: (limit: number) => `${limit.toLocaleString()} for all organizations together`,
  reached: 'reached',
  near: 'near',
  hint: 'What is over a limit waits for its turn; calls over theirs, and runs that have no credits left, are refused. Runs, nodes and calls are counted by each process of the server.',
} as const;
