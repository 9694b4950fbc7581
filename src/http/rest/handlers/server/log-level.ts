import { getLogLevel, setLogLevel } from '../../../../api/endpoints/server.js';
import { ErrandError } from '../../../../core/errors.js';
import type { LogControl } from '../../../../core/ports/logger.js';
import { requireScope } from '../../../../service/use-case/require-scope.js';
import { jsonReply } from '../../../transport/replies.js';
import type { RestRoutes } from '../../rest-routes.js';

/** The log concerns all organizations: it is for operators. */
export function addLogLevel(routes: RestRoutes): void {
  const { logControl, logger, services } = routes.deps;
  routes.add(getLogLevel, async ({ caller }) => {
    requireScope(caller, 'operate');
    return jsonReply({ level: known(logControl).level });
  });
  routes.add(setLogLevel, async ({ caller, body }) => {
    requireScope(caller, 'operate');
    const { level } = await body();
    const control = known(logControl);
    const before = control.level;
    await services.recordServerChange(caller, { action: 'log_level.set', before, after: level });
    control.level = level;
    logger.warn({ before, level, keyId: caller.keyId }, 'The level of the log was changed');
    return jsonReply({ level });
  });
}

function known(control: LogControl | undefined): LogControl {
  if (control !== undefined) return control;
  throw new ErrandError('unavailable', 'The level of the log is not this server’s to change.');
}
