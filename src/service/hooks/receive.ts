import { ErrandError, isErrandError } from '../../core/errors.js';
import { NodeFailure } from '../../core/handlers/node-kind.js';
import { type Hook, NO_HOOK_COUNTS } from '../../core/hooks/hook.js';
import type { Json } from '../../core/json.js';
import type { Run } from '../../core/run/run.js';
import type { Principal } from '../../core/tenant/principal.js';
import { cutText } from '../../core/text/cut-text.js';
import { compileHookTemplates, evaluateForHook, type HookScope } from '../../workflow/hooks/hook-templates.js';
import { toMatchKey } from '../../core/events/match-key.js';
import { DEFAULT_EVENT_KEEP_MS } from '../../core/events/kept-event.js';
import { tellEvent } from '../events/send-event.js';
import type { SentEvent } from '../interface/events.js';
import type { HookOutcome, HookRequest, OpenHook } from '../interface/hooks.js';
import { acceptRun } from '../runs/accept/accept-run.js';
import { acceptOnce } from '../runs/accept/run-workflow.js';
import { waitForRun } from '../runs/follow/wait-for-run.js';
import type { ServiceDeps } from '../use-case/deps.js';
import { defaultDeliveryId, runKeyOf, toDeliveryId } from './delivery-id.js';
import { findHandshake } from './handshake.js';
import { openHookSecrets } from './hook-secrets.js';
import { requireHooks } from './hooks.js';
import { readDelivery } from './read-delivery.js';
import { findSignatureProblem } from './signatures/verify.js';

const MAX_REFUSAL = 500;

/** The same work and the same answer for each token that is not that of a hook. */
export async function openHook(deps: ServiceDeps, token: string): Promise<OpenHook> {
  const { tokens, requests } = requireHooks(deps);
  const hook = await deps.store.hooks.findByToken({ tokenHash: tokens.hashToken(token) });
  if (hook === null || !hook.enabled)
    throw new ErrandError('not_found', 'There is no hook at this address, or it is disabled.');
  const taken = requests.take(hook.id);
  if (!taken.ok) throw tooMany(taken.retryAfterSeconds);
  return { receive: (request) => receiveCounted(deps, hook, request) };
}

async function receiveCounted(deps: ServiceDeps, hook: Hook, request: HookRequest): Promise<HookOutcome> {
  const { counter, refusals } = requireHooks(deps);
  try {
    const outcome = await receive(deps, hook, request);
    const runId = outcome.kind === 'run' ? outcome.run.id : null;
    counter.add(hook, { ...NO_HOOK_COUNTS, accepted: 1, acceptedAt: deps.clock.now(), runId });
    return outcome.kind === 'run' ? await withResult(deps, hook, { ...outcome, request }) : outcome;
  } catch (thrown) {
    const error = toRefusal(thrown);
    if (!isErrandError(error)) throw error;
    const taken = refusals.take(hook.id);
    if (!taken.ok) throw tooMany(taken.retryAfterSeconds);
    const refusal = cutText(error.message, MAX_REFUSAL);
    counter.add(hook, { ...NO_HOOK_COUNTS, refused: 1, refusedAt: deps.clock.now(), refusal });
    throw error instanceof WrongSignature ? wrongSignature() : error;
  }
}

type Received = Exclude<HookOutcome, { readonly kind: 'run' }> | { kind: 'run'; run: Run; created: boolean };

async function receive(deps: ServiceDeps, hook: Hook, request: HookRequest): Promise<Received> {
  checkSignature(deps, hook, request);
  const view = readDelivery(request, hook.signature.kind === 'token' ? hook.signature.header : null);
  const handshake = findHandshake(hook.signature, view);
  if (handshake !== null) return { kind: 'handshake', answer: handshake };
  const { organizationId } = hook;
  const organization = await deps.store.organizations.get({ id: organizationId });
  const scope: HookScope = { ...view, organization: { id: organizationId, name: organization?.name ?? '' } };
  const templates = compileHookTemplates(hook, deps.catalog.isolation ?? null);
  if (templates.when !== null && (await evaluateForHook(templates.when, scope)) !== true) return { kind: 'ignored' };
  const deliveryId =
    templates.deliveryId === null
      ? defaultDeliveryId(hook, view)
      : toDeliveryId(await evaluateForHook(templates.deliveryId, scope));
  const key = deliveryId === null ? undefined : runKeyOf(hook, deliveryId);
  const input = (): Promise<Json> => evaluateForHook(templates.input, scope);
  const { workflowId, event } = hook;
  if (workflowId !== null) return { kind: 'run', ...(await start(deps, hook, { workflowId, key, input })) };
  const matched = templates.key === null ? '' : toMatchKey(await evaluateForHook(templates.key, scope));
  return { kind: 'event', sent: await send(deps, hook, { name: event?.name ?? '', matched, key, input }) };
}

function checkSignature(deps: ServiceDeps, hook: Hook, request: HookRequest): void {
  const { box } = requireHooks(deps);
  const now = deps.clock.now();
  if (hook.signature.kind === 'none') return;
  const secrets = openHookSecrets(box, hook, now);
  if (secrets.length === 0)
    throw new WrongSignature(`The hook has no secret to check deliveries with yet: errand hooks set-secret ${hook.id}`);
  const problem = findSignatureProblem(hook.signature, request, { secrets, now });
  if (problem !== null) throw new WrongSignature(problem);
}

/** A delivery that comes again has the run of the first, whatever its input would be by now. */
async function start(
  deps: ServiceDeps,
  hook: Hook,
  params: { readonly workflowId: string; readonly key: string | undefined; readonly input: () => Promise<Json> },
): Promise<{ readonly run: Run; readonly created: boolean }> {
  const { organizationId } = hook;
  const { workflowId, key, input } = params;
  return acceptOnce(deps, {
    organizationId,
    key,
    asked: ['hook', hook.id],
    accept: async (idempotency) => {
      const plan = deps.catalog.get(workflowId, organizationId)?.plan;
      if (plan === undefined)
        throw new ErrandError('not_configured', `The workflow "${workflowId}" of this hook is not there.`);
      const made = { organizationId, plan, input: await input(), instruction: null, idempotency };
      return acceptRun(deps, { ...made, assertAccepting: true });
    },
  });
}

/** A delivery that comes again is the same event, for as long as that is kept. */
async function send(
  deps: ServiceDeps,
  { organizationId }: Hook,
  params: {
    readonly name: string;
    readonly matched: string;
    readonly key: string | undefined;
    readonly input: () => Promise<Json>;
  },
): Promise<SentEvent> {
  const { name, matched, key = null, input } = params;
  const keepForMs = DEFAULT_EVENT_KEEP_MS;
  return tellEvent(deps, { organizationId, name, key: matched, data: await input(), keepForMs, dedupeKey: key });
}

/** Waits for the run's end where the sender is to have its result. */
async function withResult(
  deps: ServiceDeps,
  { organizationId, answer, waitSeconds }: Hook,
  { run, created, request }: { readonly run: Run; readonly created: boolean; readonly request: HookRequest },
): Promise<HookOutcome> {
  if (answer === 'at_once') return { kind: 'run', run, created, withResult: false };
  const { signal } = request;
  const caller: Principal = { organizationId, keyId: null, scopes: ['read', 'run'] };
  const latest = await waitForRun(deps, caller, { runId: run.id, timeoutMs: waitSeconds * 1_000, signal });
  return { kind: 'run', run: latest, created, withResult: true };
}

/** What is wrong is for the hook's owner; whoever sends is told that it is wrong. */
class WrongSignature extends ErrandError {
  constructor(problem: string) {
    super('unauthenticated', problem);
  }
}

function wrongSignature(): ErrandError {
  return new ErrandError('unauthenticated', 'The delivery is not signed as this hook wants it.');
}

/** An expression that fails is the sender's or the owner's doing. */
function toRefusal(thrown: unknown): unknown {
  if (!(thrown instanceof NodeFailure)) return thrown;
  return new ErrandError('invalid_input', `The delivery does not fit this hook: ${thrown.message}`, { cause: thrown });
}

function tooMany(retryAfterSeconds: number): ErrandError {
  return new ErrandError('rate_limited', 'Too many deliveries came to this hook.', { retryAfterSeconds });
}
