import { ErrandError } from '../../core/errors.js';
import type { Logger } from '../../core/ports/logger.js';
import type { HostRange } from '../../core/ports/outbound.js';
import { createOutbound, type OpenOutbound } from '../../outbound/create-outbound.js';
import { type HostRule, readHostRules } from '../../outbound/host-rules.js';
import { readProxies } from '../../outbound/proxies.js';

export interface OutboundOptions {
  /** `any` when not given. */
  readonly hosts?: HostRange;
  /** Hosts and networks that may be asked all the same. */
  readonly allow?: readonly HostRule[];
  /** Where proxies are looked up; nowhere when not given. */
  readonly env?: { readonly [name: string]: string | undefined };
}

export function wireOutbound({ hosts = 'any', allow = [], env = {} }: OutboundOptions, logger: Logger): OpenOutbound {
  const proxies = readProxies(env);
  if (proxies !== null) {
    const message =
      'Requests go out through a proxy, which looks up names itself; NO_PROXY names the hosts to ask directly.';
    logger.warn({ proxies: proxies.told }, message);
  }
  return createOutbound({ hosts, allow, proxies });
}

/** Throws `invalid_input`, naming the setting and what in it is no host. */
export function parseHostRules(text: string, name: string): readonly HostRule[] {
  const { rules, unread } = readHostRules(text);
  const [first] = unread;
  if (first === undefined) return rules;
  throw new ErrandError(
    'invalid_input',
    `${name} must be hosts, addresses and networks with commas between them, as in crm.internal:8080, *.corp.example, 10.0.0.0/8, [::1]:11434; not ${JSON.stringify(first)}.`,
  );
}
