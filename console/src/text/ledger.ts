/** The texts of the chart of credits. */
export const ledger = {
  title: 'Used and reserved',
  about: (count: number) =>
    `By the latest ${count.toLocaleString()} ${count === 1 ? 'entry' : 'entries'} of the ledger in this month. The lower line is what is used, the upper one what is reserved on top of it.`,
  times: { local: 'Times are local.', utc: 'Times are in UTC.' },
  used: 'Used',
  held: 'Used and reserved',
  chart: (used: number, held: number, most: number) =>
    `Credits over time: ${used.toLocaleString()} used now, ${held.toLocaleString()} with what is reserved, at most ${most.toLocaleString()}`,
} as const;
