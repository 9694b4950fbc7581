import { ErrandError } from '../../../core/errors.js';
import { LOG_LEVELS } from '../../contract/call-context.js';
import { callContext, type Method } from '../base/method.js';

export const setLevel: Method = {
  offered: ({ logging }) => logging !== undefined,
  needsKey: () => true,
  limited: true,
  answer: async (params, context) => {
    const level = LOG_LEVELS.find((known) => known === params['level']);
    if (level === undefined) {
      throw new ErrandError('invalid_input', `"level" must be one of ${LOG_LEVELS.join(', ')}.`);
    }
    const caller = await context.authenticate();
    await context.server.contract.logging?.setLevel(level, callContext(context, caller));
    return { kind: 'result', json: '{}' };
  },
};
