import { BlockList, isIP } from 'node:net';

/** A host and a port of it, as requests name them: lower case, without brackets and final dot. */
export interface Place {
  readonly host: string;
  readonly port: number;
}

/** One entry of a list of hosts: a name, an address or a network, and the port where one is named. */
export type HostRule = NameRule | NetworkRule;

interface NameRule {
  readonly kind: 'name';
  /** Null: every host. */
  readonly name: string | null;
  readonly itself: boolean;
  readonly below: boolean;
  readonly port: number | null;
}

interface NetworkRule {
  readonly kind: 'network';
  readonly addresses: BlockList;
  readonly port: number | null;
}

export function placeOf(url: URL): Place {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  return { host, port: url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port) };
}

/** Reads `crm.internal, *.corp.example:8443, 10.0.0.0/8, [::1]:11434`. What is none is given back as `unread`. */
export function readHostRules(text: string): {
  readonly rules: readonly HostRule[];
  readonly unread: readonly string[];
} {
  const rules: HostRule[] = [];
  const unread: string[] = [];
  for (const entry of text.split(/[\s,]+/)) {
    if (entry === '') continue;
    const rule = readHostRule(entry.toLowerCase());
    if (rule === null) unread.push(entry);
    else rules.push(rule);
  }
  return { rules, unread };
}

function readHostRule(entry: string): HostRule | null {
  if (entry === '*') return { kind: 'name', name: null, itself: true, below: true, port: null };
  const parts = ENTRY.exec(entry);
  const host = parts?.[1] ?? parts?.[2] ?? '';
  const port = parts?.[3] === undefined ? null : Number(parts[3]);
  // An IPv6 address may stand without brackets where no port follows.
  const [whole, at] = isIP(entry.split('/')[0] ?? '') === 6 ? [entry, null] : [host, port];
  if (at !== null && (at < 1 || at > 65_535)) return null;
  return readNetwork(whole, at) ?? readName(whole, at);
}

const ENTRY = /^(?:\[([^\]]*)\]|([^:[\]]+))(?::(\d{1,5}))?$/;
const NAME = /^(\*?\.)?([a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?)\.?$/;

function readNetwork(text: string, port: number | null): NetworkRule | null {
  const [address = '', length] = text.split('/');
  const family = isIP(address);
  if (family === 0) return null;
  const addresses = new BlockList();
  const most = family === 4 ? 32 : 128;
  const prefix = length === undefined ? most : /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN;
  if (!(prefix <= most)) return null;
  addresses.addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6');
  return { kind: 'network', addresses, port };
}

function readName(text: string, port: number | null): NameRule | null {
  const parts = NAME.exec(text);
  if (parts === null || /^[\d.]+$/.test(text)) return null;
  const below = parts[1] !== undefined;
  return { kind: 'name', name: parts[2] ?? '', itself: !below, below, port };
}

/** Whether a rule names the host as it is written: by its name, or because it is an address of the network. */
export function isNamed(rules: readonly HostRule[], { host, port }: Place): boolean {
  return rules.some((rule) => {
    if (rule.port !== null && rule.port !== port) return false;
    if (rule.kind === 'network') return contains(rule.addresses, host);
    const { name, itself, below } = rule;
    return name === null || (itself && host === name) || (below && host.endsWith(`.${name}`));
  });
}

/** Whether a rule names the network that the address is of. */
export function isListed(rules: readonly HostRule[], address: string, port: number): boolean {
  return rules.some(
    (rule) =>
      rule.kind === 'network' && (rule.port === null || rule.port === port) && contains(rule.addresses, address),
  );
}

function contains(addresses: BlockList, address: string): boolean {
  const family = isIP(address);
  return family !== 0 && !address.includes('%') && addresses.check(address, family === 4 ? 'ipv4' : 'ipv6');
}
