import { getDoctor, getSystem, listProcesses } from '../../../../api/endpoints/server.js';
import { ErrandError } from '../../../../core/errors.js';
import type { Principal } from '../../../../core/tenant/principal.js';
import { requireScope } from '../../../../service/use-case/require-scope.js';
import { jsonReply } from '../../../transport/replies.js';
import type { RestRoutes } from '../../rest-routes.js';

/** The server concerns all organizations: it is for operators. */
export function addSystem(routes: RestRoutes): void {
  const { readSystem, listProcesses: list, lookOver } = routes.deps;
  routes.add(getSystem, async ({ caller }) => jsonReply(allow(caller, readSystem)()));
  routes.add(listProcesses, async ({ caller }) => jsonReply({ processes: await allow(caller, list)() }));
  routes.add(getDoctor, async ({ caller }) => jsonReply(await allow(caller, lookOver)()));
}

function allow<T>(caller: Principal, tell: T | undefined): T {
  requireScope(caller, 'operate');
  if (tell === undefined) throw new ErrandError('not_configured', 'This server does not tell what it does.');
  return tell;
}
