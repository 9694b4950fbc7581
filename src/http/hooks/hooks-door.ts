import { isErrandError } from '../../core/errors.js';
import { MAX_HOOK_BODY } from '../../core/hooks/hook.js';
import { renderRunId } from '../../core/render/run-id.js';
import type { HookOutcome } from '../../service/interface/hooks.js';
import { findChallenge } from '../../service/hooks/handshake.js';
import type { AppDeps } from '../pipeline/app-deps.js';
import { HOOKS_PATH } from '../transport/logged-path.js';
import type { Routes } from '../pipeline/routes.js';
import type { Exchange } from '../transport/exchange.js';
import { jsonReply, outputsReply, type Reply, textReply } from '../transport/replies.js';
import { requestLife } from '../transport/request-life.js';

/** Where others start runs. The end of the address is all that lets them in, so no key is asked for. */
export function addHooksDoor(routes: Routes, deps: Pick<AppDeps, 'services' | 'metrics'>): void {
  const answer =
    (receive: (exchange: Exchange, token: string) => Promise<Reply>) =>
    async (exchange: Exchange, { token = '' }: Readonly<Record<string, string>>): Promise<void> => {
      const reply = await receive(exchange, token).catch((error: unknown) => {
        deps.metrics?.observeHook(tellError(error));
        throw error;
      });
      await reply(exchange);
    };
  routes.add(`${HOOKS_PATH}:token`, {
    POST: answer((exchange, token) => post(deps, exchange, token)),
    GET: answer((exchange, token) => get(deps, exchange, token)),
  });
}

async function post({ services, metrics }: Pick<AppDeps, 'services' | 'metrics'>, exchange: Exchange, token: string) {
  const hook = await services.openHook(token);
  const body = await exchange.readBytes(MAX_HOOK_BODY);
  const life = requestLife(exchange);
  try {
    const request = { headers: exchange.headers(), query: exchange.query, body, signal: life.signal() };
    const outcome = await hook.receive(request);
    metrics?.observeHook(tellOutcome(outcome));
    return replyTo(outcome);
  } finally {
    life.end();
  }
}

/** Some senders ask by GET whether somebody is there. */
async function get({ services, metrics }: Pick<AppDeps, 'services' | 'metrics'>, exchange: Exchange, token: string) {
  await services.openHook(token);
  metrics?.observeHook('handshake');
  return textReply(findChallenge(exchange.query) ?? 'This hook takes deliveries by POST.\n');
}

function replyTo(outcome: HookOutcome): Reply {
  if (outcome.kind === 'handshake') return textReply(outcome.answer);
  if (outcome.kind === 'ignored') return jsonReply({ ignored: true }, 202);
  if (outcome.kind === 'event') {
    const { event, waiting, created } = outcome.sent;
    return jsonReply({ event_id: event.id, waiting, repeated: !created }, 202);
  }
  const { run, created, withResult } = outcome;
  const shown = { run_id: renderRunId(run.id), status: run.status, repeated: !created };
  if (!withResult) return jsonReply(shown, 202);
  const hasEnded = run.completedAt !== null;
  return outputsReply({ ...shown, output: run.output ?? null }, hasEnded ? 200 : 202);
}

function tellOutcome(outcome: HookOutcome): string {
  if (outcome.kind === 'event') return outcome.sent.created ? 'sent' : 'repeated';
  if (outcome.kind !== 'run') return outcome.kind;
  return outcome.created ? 'started' : 'repeated';
}

function tellError(error: unknown): string {
  if (isErrandError(error) && error.code === 'not_found') return 'unknown';
  return isErrandError(error) && error.code === 'rate_limited' ? 'limited' : 'refused';
}
