/** How long what is handed out lasts, in milliseconds. */
export const LIFETIMES = {
  code: 60_000,
  access: 3_600_000,
  /** Of a person's sign-in to the console. */
  console: 86_400_000,
  /** Each refresh starts it again. */
  refresh: 90 * 86_400_000,
  /** Of a registration that nobody has signed in with. */
  unusedClient: 86_400_000,
  /** Of one since its last use. */
  client: 180 * 86_400_000,
} as const;

/** What comes of a key ends with it. */
export function atMost(moment: number, latest: number | null): number {
  return latest === null ? moment : Math.min(moment, latest);
}
