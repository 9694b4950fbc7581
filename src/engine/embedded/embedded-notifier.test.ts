import { describe } from 'vitest';
import { describeNotifier } from '../../testing/notifier-suite/notifier-suite.js';
import { EmbeddedNotifier } from './embedded-notifier.js';

describe('EmbeddedNotifier', () => {
  describeNotifier(async () => {
    const notifier = new EmbeddedNotifier();
    return { one: notifier, other: notifier, close: async () => undefined };
  });
});
