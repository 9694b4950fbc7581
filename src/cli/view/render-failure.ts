import { CommanderError } from 'commander';
import { errorMessage, isErrandError } from '../../core/errors.js';
import type { ErrandError } from '../../core/errors.js';
import { EXIT } from '../terminal/exit-codes.js';
import type { Style } from '../terminal/style.js';
import { safeText } from '../terminal/text-width.js';
import { UsageError } from '../terminal/usage-error.js';

/**
 * What standard error shows of anything that was thrown, as text or as one line of JSON, and the exit code it ends
 * with.
 */
export function renderFailure(params: { readonly error: unknown; readonly json: boolean; readonly style: Style }): {
  readonly text: string;
  readonly exitCode: number;
} {
  const { error, json, style } = params;
  if (error instanceof UsageError || error instanceof CommanderError) {
    const message = error.message.replace(/^error: /, '');
    const hint = style('dim', 'See errand --help.');
    return {
      text: json ? jsonError({ code: 'usage', message }) : `${style('red', 'error:')} ${message}\n${hint}`,
      exitCode: EXIT.usage,
    };
  }
  if (!isErrandError(error)) {
    const message = errorMessage(error);
    return {
      text: json ? jsonError({ code: 'internal', message }) : `${style('red', 'error:')} ${safeText(message)}`,
      exitCode: EXIT.error,
    };
  }
  return { text: json ? errandErrorAsJson(error) : errandErrorAsText(error, style), exitCode: EXIT.error };
}

function errandErrorAsText(error: ErrandError, style: Style): string {
  const problems = error.problems.map(
    ({ path, message }) => `  ${style('bold', path === '' ? '(the whole)' : safeText(path))}: ${safeText(message)}`,
  );
  const retry = error.retryAfterSeconds === null ? [] : [`Try again in ${error.retryAfterSeconds} s.`];
  return [`${style('red', 'error:')} ${safeText(error.message)}`, ...problems, ...retry].join('\n');
}

function errandErrorAsJson(error: ErrandError): string {
  return jsonError({
    code: error.code,
    message: error.message,
    ...(error.problems.length === 0 ? {} : { problems: error.problems }),
    ...error.details,
    ...(error.retryAfterSeconds === null ? {} : { retry_after_seconds: error.retryAfterSeconds }),
  });
}

function jsonError(error: object): string {
  return JSON.stringify({ error });
}
