import type { NewId } from '../../core/ports/clock.js';
import { countCall } from '../../auth/count-call.js';
import type { Json } from '../../core/json.js';
import type { Principal } from '../../core/tenant/principal.js';
import { toPublicError } from '../../mcp/tool-kit/to-public-error.js';
import type { AppDeps, HttpContext } from '../pipeline/app-deps.js';
import { DEFAULT_MAX_BODY_BYTES } from '../pipeline/body-limit.js';
import { readJsonBody } from '../pipeline/json-body.js';
import { bearerChallenge, REST_PATH } from '../mcp/discovery.js';
import { apiErrorResponse, type HeaderFields } from '../transport/responses.js';
import type { RouteHandler } from '../pipeline/route.js';

export type RestDeps = AppDeps & { readonly newId: NewId };

export interface RestCall {
  readonly c: HttpContext;
  readonly caller: Principal;
  /** The body, checked by what is given. Throws `invalid_input` and the like. */
  readonly body: <T>(check: (value: Json) => T) => Promise<T>;
}

/** An endpoint that needs a key: checks it, counts the call, and turns whatever is thrown into an error answer. */
export function endpoint(deps: RestDeps, answer: (call: RestCall) => Promise<Response>): RouteHandler {
  return async (c) => {
    try {
      const caller = await deps.authenticate(c.req.header('authorization'));
      countCall(deps.limits, 'reading', caller);
      const body: RestCall['body'] = async (check) => {
        const json = await readJsonBody(c, deps.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES);
        // A body may take its time, in which the key may end.
        await deps.authenticate(c.req.header('authorization'));
        return check(json);
      };
      return await answer({ c, caller, body });
    } catch (thrown) {
      const error = toPublicError(thrown, deps);
      return apiErrorResponse(error, error.code === 'unauthenticated' ? challenge(c, error.message, deps) : {});
    }
  };
}

function challenge(c: HttpContext, message: string, { publicUrl }: AppDeps): HeaderFields {
  const problem = (c.req.header('authorization') ?? '').trim() === '' ? null : message;
  return bearerChallenge({ base: publicUrl ?? new URL(c.req.url).origin, path: REST_PATH, problem });
}
