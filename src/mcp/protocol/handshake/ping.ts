import type { Method } from '../codec.js';

export const ping: Method = {
  opens: true,
  needsKey: false,
  answer: () => ({ kind: 'result', json: '{}' }),
};
