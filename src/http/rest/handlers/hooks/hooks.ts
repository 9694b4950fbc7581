import {
  createHook,
  deleteHook,
  getHook,
  listHooks,
  rotateHookAddress,
  setHookSecret,
  updateHook,
} from '../../../../api/endpoints/hooks.js';
import type { ApiNewHook } from '../../../../api/hook-types.js';
import { HOOK_DEFAULTS, readHookFields } from '../../../../core/hooks/hook-fields.js';
import { renderHook } from '../../../../core/render/render-hook.js';
import type { HookWithToken } from '../../../../service/interface/hooks.js';
import { type Exchange, readOrigin } from '../../../transport/exchange.js';
import { HOOKS_PATH } from '../../../transport/logged-path.js';
import { emptyReply, jsonReply } from '../../../transport/replies.js';
import { idempotencyKeyOf, madeReply } from '../../idempotency-key.js';
import { given } from '../../query.js';
import type { RestRoutes } from '../../rest-routes.js';

/** How long a secret that is replaced counts too, when nothing is said. */
const KEEP_OLD_SECONDS = 86_400;

export function addHooks(routes: RestRoutes): void {
  const { services, publicUrl } = routes.deps;
  const withAddress = (exchange: Exchange, { hook, token }: HookWithToken): ApiNewHook => ({
    ...renderHook(hook),
    url: `${publicUrl ?? readOrigin(exchange)}${HOOKS_PATH}${token}`,
  });
  routes.add(listHooks, async ({ caller, query }) => {
    const hooks = await services.listHooks(caller, given(query));
    return jsonReply({ hooks: hooks.map(renderHook) });
  });
  routes.add(createHook, async ({ exchange, caller, body }) => {
    const { organization, secret, ...fields } = await body();
    const { event, workflow_id: workflowId = null } = fields;
    const name = workflowId ?? event?.name ?? '';
    const settings = { ...HOOK_DEFAULTS, name, workflowId, ...readHookFields(fields) };
    const params = { settings, ...given({ organization, secret }), ...idempotencyKeyOf(exchange) };
    const { created, ...made } = await services.createHook(caller, params);
    return madeReply(withAddress(exchange, made), created);
  });
  routes.add(getHook, async ({ caller, query, param }) =>
    jsonReply(renderHook(await services.getHook(caller, { ...given(query), hookId: param('id') }))),
  );
  routes.add(updateHook, async ({ caller, body, param }) => {
    const { organization, ...fields } = await body();
    const params = { hookId: param('id'), changes: readHookFields(fields), ...given({ organization }) };
    return jsonReply(renderHook(await services.updateHook(caller, params)));
  });
  routes.add(deleteHook, async ({ caller, query, param }) => {
    await services.deleteHook(caller, { ...given(query), hookId: param('id') });
    return emptyReply(204);
  });
  routes.add(rotateHookAddress, async ({ exchange, caller, body, param }) => {
    const made = await services.rotateHookToken(caller, { ...(await body()), hookId: param('id') });
    return jsonReply(withAddress(exchange, made));
  });
  routes.add(setHookSecret, async ({ caller, body, param }) => {
    const { keep_old_for_seconds: seconds = KEEP_OLD_SECONDS, ...rest } = await body();
    const params = { ...rest, hookId: param('id'), keepOldForMs: Math.round(seconds * 1_000) };
    return jsonReply(renderHook(await services.setHookSecret(caller, params)));
  });
}
