/** What the runs of the last days came to. */
export const days = {
  title: 'Over the last days',
  span: 'How many days',
  days: (count: number) => `${count} days`,
  asTable: 'Day by day, in numbers',
  columns: [
    'Day',
    'Completed',
    'Partly complete',
    'Failed',
    'Cancelled',
    'Half took up to',
    '95 % took up to',
    'Credits',
    'Models',
  ],
  cost: 'Models',
  ended: 'Runs that ended',
  endedOf: (counts: readonly number[]) => `Runs that ended, by the day, the oldest first: ${counts.join(', ')}`,
  timesOf: (halves: readonly string[], most: readonly string[]) =>
    `By the day, the oldest first: half took up to ${halves.join(', ')}; 95 % up to ${most.join(', ')}`,
  of: (name: string, values: readonly string[]) => `${name}, by the day, the oldest first: ${values.join(', ')}`,
  nothingOn: (day: string) => `${day}: no run ended`,
  on: (of: {
    readonly day: string;
    readonly completed: number;
    readonly ended: number;
    readonly half: string;
    readonly most: string;
    readonly credits: number;
  }) =>
    `${of.day}: ${of.completed.toLocaleString()} of ${of.ended.toLocaleString()} completed\nHalf took up to ${of.half}, 95 % up to ${of.most}\nCredits: ${of.credits.toLocaleString()}`,
  about: 'Days are those of UTC. A run counts on the day on which it ended last; times are right within 5 %.',
  since: (day: string) => `Kept since ${day}.`,
} as const;
