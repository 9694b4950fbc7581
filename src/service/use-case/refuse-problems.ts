import { ErrandError, type Problem } from '../../core/errors.js';

/** Throws `invalid_input`, with all of them, when there are any. */
export function refuseProblems(what: string, problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  const list = problems.map(({ path, message }) => `${path.slice(1)} ${message}`).join('; ');
  throw new ErrandError('invalid_input', `The ${what} has faults: ${list}.`, { problems });
}
