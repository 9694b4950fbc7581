import { ErrandError } from '../core/errors.js';
import { type HostRule, isNamed, placeOf, readHostRules } from './host-rules.js';

/** Which proxy requests go through, as `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` say. */
export interface Proxies {
  /** Null: the host is asked directly. */
  readonly of: (url: URL) => URL | null;
  /** Without user and password, for people to read. */
  readonly told: readonly string[];
}

type Environment = { readonly [name: string]: string | undefined };

/**
 * Lower case goes first, as everywhere. Null when there is no proxy. Throws `invalid_input` for one that is no address.
 */
export function readProxies(env: Environment): Proxies | null {
  const http = readProxy(env, 'HTTP_PROXY');
  const https = readProxy(env, 'HTTPS_PROXY');
  if (http === null && https === null) return null;
  const direct = readHostRules(valueOf(env, 'NO_PROXY')).rules.map(withAllBelow);
  return {
    of: (url) => {
      const proxy = url.protocol === 'https:' ? https : http;
      return proxy === null || isNamed(direct, placeOf(url)) ? null : proxy;
    },
    told: [...new Set([http, https].flatMap((proxy) => (proxy === null ? [] : [proxy.origin])))],
  };
}

function readProxy(env: Environment, name: string): URL | null {
  const text = valueOf(env, name);
  if (text === '') return null;
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  if (URL.canParse(address)) {
    const url = new URL(address);
    if (/^https?:$/.test(url.protocol)) return url;
  }
  // What was given is not shown: a password may stand in it.
  throw new ErrandError('invalid_input', `${name} must be the address of a proxy, as in http://proxy.example:3128.`);
}

function valueOf(env: Environment, name: string): string {
  return (env[name.toLowerCase()] || env[name] || '').trim();
}

/** In NO_PROXY, `example.com` and `.example.com` stand for that host and those below it. */
function withAllBelow(rule: HostRule): HostRule {
  return rule.kind === 'name' ? { ...rule, itself: true, below: true } : rule;
}
