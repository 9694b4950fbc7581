import { isIP } from 'node:net';
import { invalidSetting } from './invalid-setting.js';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** `127.0.0.1:9464`, `[::]:9464`, or a port of loopback alone. */
export function parseListenAddress(text: string, name: string): ListenAddress {
  const [, host = '127.0.0.1', digits = ''] = /^(?:(\[[^\]]+\]|[^:[\]]+):)?(\d{1,5})$/.exec(text.trim()) ?? [];
  const port = Number(digits);
  const bare = host.replaceAll(/^\[|\]$/g, '');
  if (digits === '' || port > 65_535 || (isIP(bare) === 0 && bare !== 'localhost')) {
    throw invalidSetting(
      name,
      text,
      'an address with a port, such as 127.0.0.1:9464, or a port of loopback, such as 9464',
    );
  }
  return { host: bare, port };
}
