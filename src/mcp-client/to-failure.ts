import { cutText } from '../core/text/cut-text.js';
import { ProtocolError, ProtocolErrorCode, SdkError, SdkErrorCode, SdkHttpError } from '@modelcontextprotocol/client';
import { errorMessage } from '../core/errors.js';
import { ForbiddenAddress } from '../core/ports/outbound.js';
import { UNFIT_ANSWER } from './bounded-messages.js';
import { NodeFailure } from '../core/handlers/node-kind.js';

/** Whether the connection is of no use any more after this: the next call opens another. */
export function breaksConnection(thrown: unknown): boolean {
  if (thrown instanceof NodeFailure) return breaksConnection(thrown.cause);
  if (thrown instanceof ProtocolError) return false;
  if (thrown instanceof SdkHttpError) return thrown.status === 404;
  if (thrown instanceof SdkError)
    return thrown.code === SdkErrorCode.ConnectionClosed || thrown.code === SdkErrorCode.NotConnected;
  return true;
}

/** Whether the server has done nothing: it does not know our session any more, or was gone before the call. */
export function wasNotTaken(thrown: unknown): boolean {
  if (thrown instanceof SdkHttpError) return thrown.status === 404;
  return thrown instanceof SdkError && thrown.code === SdkErrorCode.NotConnected;
}

/** Whether nobody can tell if the server has done what it was asked: the call went out, and no answer came. */
export function mayHaveBeenDone(thrown: unknown): boolean {
  if (thrown instanceof SdkError) {
    return thrown.code === SdkErrorCode.RequestTimeout || thrown.code === SdkErrorCode.ConnectionClosed;
  }
  return thrown instanceof Error && 'code' in thrown && CUT.has(String(thrown.code));
}

const CUT: ReadonlySet<string> = new Set(['UND_ERR_SOCKET', 'ECONNRESET']);

/** The same call would be refused again. */
const FINAL: readonly number[] = [ProtocolErrorCode.InvalidParams, ProtocolErrorCode.MethodNotFound];

/** What went wrong in a call, for whoever reads the run. `told` names the server. */
export function toFailure(thrown: unknown, told: string, redact: (text: string) => string): NodeFailure {
  if (thrown instanceof NodeFailure) return thrown;
  if (thrown instanceof ForbiddenAddress) {
    return new NodeFailure(`${told} cannot be reached: ${thrown.message}`, { kind: thrown.kind, retryable: false });
  }
  const message = cutText(redact(errorMessage(thrown)), 1_000);
  if (thrown instanceof ProtocolError) {
    if (thrown.code === UNFIT_ANSWER.inexact || thrown.code === UNFIT_ANSWER.excessive) {
      const kind = thrown.code === UNFIT_ANSWER.inexact ? 'mcp_error' : 'response_too_large';
      return new NodeFailure(`${told} gave an answer that is not taken: ${message}`, { kind, retryable: false });
    }
    const retryable = !FINAL.includes(thrown.code);
    return new NodeFailure(`${told} refused: ${message}`, { kind: 'mcp_error', retryable });
  }
  if (thrown instanceof SdkHttpError) return httpFailure(thrown.status, told);
  if (
    thrown instanceof SdkError &&
    thrown.code === SdkErrorCode.EraNegotiationFailed &&
    thrown.cause instanceof Error
  ) {
    return toFailure(thrown.cause, told, redact);
  }
  if (thrown instanceof SdkError) {
    if (thrown.code === SdkErrorCode.RequestTimeout)
      return new NodeFailure(`${told} gave no answer in time`, { kind: 'timeout' });
    const isGone = breaksConnection(thrown) || thrown.code === SdkErrorCode.SendFailed;
    if (!isGone) return new NodeFailure(`${told} does not keep to the protocol: ${message}`, { kind: 'mcp_error' });
    return new NodeFailure(`${told} ended in the middle of the call`, { kind: 'mcp_unavailable' });
  }
  return new NodeFailure(`${told} cannot be reached: ${reasonOf(thrown, message)}`, { kind: 'mcp_unavailable' });
}

function httpFailure(status: number, told: string): NodeFailure {
  if (status === 401 || status === 403) {
    const message = `${told} does not let us in (status ${status}): look at its "headers"`;
    return new NodeFailure(message, { kind: 'mcp_unavailable', retryable: false });
  }
  const isOurs = status >= 400 && status < 500 && ![404, 408, 425, 429].includes(status);
  const kind = isOurs ? 'mcp_error' : 'mcp_unavailable';
  return new NodeFailure(`${told} answered with the status ${status}`, { kind, retryable: !isOurs });
}

function reasonOf(thrown: unknown, message: string): string {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : null;
  return code === null ? message : `${message} (${code})`;
}
