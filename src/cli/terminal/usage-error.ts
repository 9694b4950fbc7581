/** The command line itself is wrong: nothing was asked of a server. Ends the process with code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
