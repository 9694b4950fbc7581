import { ErrandError, type Problem } from '../../core/errors.js';
import {
  type Hook,
  type HookSettings,
  type HookSignature,
  MAX_HOOK_NAME,
  MAX_HOOK_SECRET,
  MAX_HOOK_TOLERANCE_SECONDS,
  MAX_HOOK_WAIT_SECONDS,
  MAX_HOOKS,
  NO_HOOK_COUNTS,
} from '../../core/hooks/hook.js';
import { MIN_SECRET_LENGTH } from '../../core/secrets/scrub.js';
import type { Json } from '../../core/json.js';
import type { Principal } from '../../core/tenant/principal.js';
import { isUuid } from '../../core/text/uuid.js';
import type { SigningSecret } from '../../core/webhooks/webhook.js';
import { findTemplateProblems } from '../../workflow/hooks/hook-templates.js';
import { type Change, recordChange } from '../audit/record-change.js';
import { hookView } from '../audit/views.js';
import { findWorkflow } from '../catalog/workflows.js';
import type { CreateHookParams, HookWithToken, OneHookParams } from '../interface/hooks.js';
import type { InOrganization } from '../interface/in-organization.js';
import type { ServiceDeps } from '../use-case/deps.js';
import { makeOnce } from '../use-case/make-once.js';
import { refuseProblems } from '../use-case/refuse-problems.js';
import { requireScope } from '../use-case/require-scope.js';
import { resolveOrganization } from '../use-case/resolve-organization.js';
import { sealHookSecret } from './hook-secrets.js';

const MAX_KEPT_OLD_MS = 30 * 86_400_000;

export async function createHook(
  deps: ServiceDeps,
  caller: Principal,
  params: CreateHookParams,
): Promise<HookWithToken & { readonly created: boolean }> {
  requireScope(caller, 'manage');
  const { tokens } = requireHooks(deps);
  const { id: organizationId } = await resolveOrganization(deps.store, caller, params);
  const settings = checkSettings(deps, { ...caller, organizationId }, params.settings);
  const { secret, idempotencyKey: key } = params;
  const now = deps.clock.now();
  const owner = { id: deps.newId(), organizationId };
  // What a repeat of the call is given again need not be kept.
  const place = `hook token ${organizationId} ${caller.keyId ?? '-'} ${key ?? ''}`;
  const token = tokens.newToken('hook', key === undefined ? undefined : deps.secrets?.derive(place));
  const hook: Hook = {
    ...settings,
    ...owner,
    tokenHash: tokens.hashToken(token),
    secrets: secret === undefined ? [] : [sealSecret(deps, owner, secret)],
    createdAt: now,
    updatedAt: now,
    counts: NO_HOOK_COUNTS,
  };
  const { made, created } = await makeOnce(deps, {
    organizationId: caller.organizationId,
    key,
    asked: ['create hook', organizationId, settings as unknown as Json],
    made: hook,
    record: async (tx) => {
      if ((await tx.hooks.list({ organizationId })).length >= MAX_HOOKS)
        throw new ErrandError('conflict', `An organization has at most ${MAX_HOOKS} hooks. Delete some first.`);
      await tx.hooks.insert(hook);
      await recordChange(tx, deps, caller, { ...changeOf('create', hook), after: hookView(hook) });
    },
    recall: (id) => deps.store.hooks.get({ organizationId, id }),
  });
  if (made.tokenHash !== tokens.hashToken(token))
    throw new ErrandError('conflict', `The hook ${made.id} that this call made has another address by now.`);
  return { hook: made, token, created };
}

export async function listHooks(
  deps: ServiceDeps,
  caller: Principal,
  params: InOrganization,
): Promise<readonly Hook[]> {
  requireScope(caller, 'manage');
  const { id: organizationId } = await resolveOrganization(deps.store, caller, params);
  await requireHooks(deps).counter.write();
  return deps.store.hooks.list({ organizationId });
}

/** One answer for hooks that do not exist and hooks of other organizations. */
export async function getHook(deps: ServiceDeps, caller: Principal, params: OneHookParams): Promise<Hook> {
  requireScope(caller, 'manage');
  const { id: organizationId } = await resolveOrganization(deps.store, caller, params);
  await requireHooks(deps).counter.write();
  const { hookId: id } = params;
  const found = isUuid(id) ? await deps.store.hooks.get({ organizationId, id }) : null;
  if (found === null) throw missing();
  return found;
}

export async function updateHook(
  deps: ServiceDeps,
  caller: Principal,
  params: OneHookParams & { readonly changes: Partial<HookSettings> },
): Promise<Hook> {
  const before = await getHook(deps, caller, params);
  const { organizationId } = before;
  const settings = checkSettings(deps, { ...caller, organizationId }, { ...before, ...params.changes });
  const after = { ...before, ...settings, updatedAt: deps.clock.now() };
  return change(deps, caller, after, {
    ...changeOf('update', after),
    before: hookView(before),
    after: hookView(after),
  });
}

export async function deleteHook(deps: ServiceDeps, caller: Principal, params: OneHookParams): Promise<void> {
  const hook = await getHook(deps, caller, params);
  const { id, organizationId } = hook;
  await deps.store.transaction(async (tx) => {
    if (await tx.hooks.delete({ id, organizationId }))
      await recordChange(tx, deps, caller, { ...changeOf('delete', hook), before: hookView(hook) });
  });
}

export async function rotateHookToken(
  deps: ServiceDeps,
  caller: Principal,
  params: OneHookParams,
): Promise<HookWithToken> {
  const { tokens } = requireHooks(deps);
  const before = await getHook(deps, caller, params);
  const token = tokens.newToken('hook');
  const after = { ...before, tokenHash: tokens.hashToken(token), updatedAt: deps.clock.now() };
  return { hook: await change(deps, caller, after, changeOf('rotate_token', after)), token };
}

export async function setHookSecret(
  deps: ServiceDeps,
  caller: Principal,
  params: OneHookParams & { readonly secret: string; readonly keepOldForMs: number },
): Promise<Hook> {
  const { keepOldForMs, secret } = params;
  if (!(keepOldForMs >= 0 && keepOldForMs <= MAX_KEPT_OLD_MS)) {
    const problem = { path: '/keep_old_for_seconds', message: `must be from 0 to ${MAX_KEPT_OLD_MS / 1_000}` };
    refuseProblems('hook', [problem]);
  }
  const before = await getHook(deps, caller, params);
  const now = deps.clock.now();
  const old = keepOldForMs === 0 ? [] : before.secrets.slice(0, 1);
  const kept = old.map((each) => ({ ...each, expiresAt: now + keepOldForMs }));
  const after = { ...before, secrets: [sealSecret(deps, before, secret), ...kept], updatedAt: now };
  const what = { ...changeOf('set_secret', after), after: { keep_old_for_seconds: keepOldForMs / 1_000 } };
  return change(deps, caller, after, what);
}

export function requireHooks({ hooks }: Pick<ServiceDeps, 'hooks'>): NonNullable<ServiceDeps['hooks']> {
  if (hooks === undefined) throw new ErrandError('not_configured', 'This server has no hooks.');
  return hooks;
}

async function change(deps: ServiceDeps, caller: Principal, hook: Hook, what: Change): Promise<Hook> {
  await deps.store.transaction(async (tx) => {
    if (!(await tx.hooks.update(hook))) throw missing();
    await recordChange(tx, deps, caller, what);
  });
  return hook;
}

function changeOf(
  what: 'create' | 'update' | 'delete' | 'rotate_token' | 'set_secret',
  { id, organizationId }: Hook,
): Pick<Change, 'organizationId' | 'action' | 'target'> {
  return { organizationId, action: `hook.${what}`, target: { kind: 'hook', id } };
}

function sealSecret(deps: ServiceDeps, owner: Pick<Hook, 'id' | 'organizationId'>, secret: string): SigningSecret {
  if (secret.length < MIN_SECRET_LENGTH || secret.length > MAX_HOOK_SECRET) {
    const message = `must have ${MIN_SECRET_LENGTH} to ${MAX_HOOK_SECRET} characters`;
    refuseProblems('hook', [{ path: '/secret', message }]);
  }
  return sealHookSecret(requireHooks(deps).box, secret, owner, deps.clock.now());
}

/** Of a hook, or of fields with others beside them. `caller`: in the organization whose the hook is. */
function checkSettings(deps: ServiceDeps, caller: Principal, given: HookSettings): HookSettings {
  // Nobody has runs started who could start none.
  requireScope(caller, 'run');
  const { workflowId, event, input, when, deliveryId, signature, answer, waitSeconds, enabled } = given;
  const name = given.name.trim();
  const problems: Problem[] = [...findTemplateProblems(given), ...findSignatureProblems(signature)];
  if (name === '' || name.length > MAX_HOOK_NAME)
    problems.push({ path: '/name', message: `must have 1 to ${MAX_HOOK_NAME} characters` });
  if (!(Number.isInteger(waitSeconds) && waitSeconds >= 1 && waitSeconds <= MAX_HOOK_WAIT_SECONDS))
    problems.push({ path: '/wait_seconds', message: `must be a whole number from 1 to ${MAX_HOOK_WAIT_SECONDS}` });
  if ((workflowId === null) === (event === null))
    problems.push({
      path: event === null ? '/workflow_id' : '/event',
      message: 'a hook has either "workflow_id" or "event"',
    });
  refuseProblems('hook', problems);
  if (workflowId !== null) findWorkflow(deps, caller, workflowId);
  return { name, workflowId, event, input, when, deliveryId, signature, answer, waitSeconds, enabled };
}

const HEADER_NAME = /^[a-z0-9-]{1,100}$/;

function findSignatureProblems(signature: HookSignature): Problem[] {
  const problems: Problem[] = [];
  if ('toleranceSeconds' in signature) {
    const { toleranceSeconds } = signature;
    if (!(toleranceSeconds >= 1 && toleranceSeconds <= MAX_HOOK_TOLERANCE_SECONDS))
      problems.push({
        path: '/signature/tolerance_seconds',
        message: `must be from 1 to ${MAX_HOOK_TOLERANCE_SECONDS}`,
      });
  }
  if ('header' in signature && !HEADER_NAME.test(signature.header))
    problems.push({ path: '/signature/header', message: 'must be the name of a header: letters, digits and dashes' });
  if ('prefix' in signature && signature.prefix.length > MAX_HOOK_NAME)
    problems.push({ path: '/signature/prefix', message: `must have at most ${MAX_HOOK_NAME} characters` });
  return problems;
}

function missing(): ErrandError {
  return new ErrandError('not_found', 'There is no hook with this id.');
}
