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
  ofWorkflow: {
    runs: (workflow: string) => `Active runs of ${workflow}`,
    nodes: (workflow: string) => `Active nodes of ${workflow}`,
  },
  ofResource: {
    concurrency: (name: string) => `Uses of ${name} at once`,
    rate: (name: string, seconds: number) =>
      ({ 1: `Uses of ${name} in a second`, 60: `Uses of ${name} in a minute`, 3_600: `Uses of ${name} in an hour` })[
        seconds
      ] ?? `Uses of ${name} in ${seconds} s`,
  },
  shared: 'for all organizations together',
  notCounted: '–',
  none: 'no limit',
  own: 'set for this organization',
  ofServer: 'the same for all without one of their own',
  process: (limit: number) => `${limit.toLocaleString()} for all organizations together`,
  reached: 'reached',
  near: 'near',
  hint: 'What is over a limit waits for its turn; calls over theirs, and runs that have no credits left, are refused. Runs, nodes, uses and calls are counted by each process of the server.',
} as const;
