import { getSystem } from '../../../../api/endpoints/server.js';
import { ErrandError } from '../../../../core/errors.js';
import { requireScope } from '../../../../service/use-case/require-scope.js';
import { jsonReply } from '../../../transport/replies.js';
import type { RestRoutes } from '../../rest-routes.js';

/** The server concerns all organizations: it is for operators. */
export function addSystem(routes: RestRoutes): void {
  const { readSystem } = routes.deps;
  routes.add(getSystem, async ({ caller }) => {
    requireScope(caller, 'operate');
    if (readSystem === undefined) throw new ErrandError('not_configured', 'This server does not tell what it does.');
    return jsonReply(readSystem());
  });
}
