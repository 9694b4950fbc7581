/**
 * For statements on one connection, which are carried out in the order in which they were sent, none of which needs the
 * answer to another. Throws as the first that failed: those behind it fail for that alone.
 */
export async function allDone<const T extends readonly Promise<unknown>[]>(
  statements: T,
): Promise<{ -readonly [Place in keyof T]: Awaited<T[Place]> }> {
  for (const result of await Promise.allSettled(statements)) if (result.status === 'rejected') throw result.reason;
  return Promise.all(statements);
}
