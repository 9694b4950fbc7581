import { createHash, timingSafeEqual } from 'node:crypto';

/** Whether an `Authorization` header holds the one key that there is. */
export function createKeyCheck(key) {
  const digest = (text) => createHash('sha256').update(text).digest();
  const known = digest(key);
  return (header) => timingSafeEqual(digest(/^Bearer (\S+)$/.exec(header ?? '')?.[1] ?? ''), known);
}

/** The results of `get_run_status`, by a run's id as the contract shows it: at hand in memory. */
export function resultsById(cases, contract) {
  return new Map(
    cases
      .filter((one) => one.contract === contract)
      .map(({ args, result: { content, structuredContent } }) => [
        args.run_id ?? args.runId,
        { content, ...(structuredContent === undefined ? {} : { structuredContent }) },
      ]),
  );
}

export function refuse(outgoing) {
  outgoing.writeHead(401, { 'content-type': 'application/json' });
  outgoing.end('{"error":"unauthorized"}');
}
