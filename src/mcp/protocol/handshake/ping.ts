import type { Method } from '../base/method.js';

export const ping: Method = {
  needsKey: () => false,
  limited: false,
  answer: () => ({ kind: 'result', json: '{}' }),
};
