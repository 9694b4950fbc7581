import { BlockList, isIP } from 'node:net';

/**
 * IPv4 addresses that are no public host's. Source: IANA, IPv4 Special-Purpose Address Registry and IPv4 Multicast
 * Address Space.
 */
const SPECIAL_V4 = [
  ['0.0.0.0', 8], // this network, unspecified
  ['10.0.0.0', 8], // private
  ['100.64.0.0', 10], // shared by customers of a provider
  ['127.0.0.0', 8], // loopback
  ['169.254.0.0', 16], // link-local; clouds tell credentials there
  ['172.16.0.0', 12], // private
  ['192.0.0.0', 24], // protocol assignments
  ['192.0.2.0', 24], // documentation
  ['192.88.99.0', 24], // relays of 6to4
  ['192.168.0.0', 16], // private
  ['198.18.0.0', 15], // benchmarks
  ['198.51.100.0', 24], // documentation
  ['203.0.113.0', 24], // documentation
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved, broadcast
] as const;

/** Global unicast addresses that no public host has. Source: IANA, IPv6 Special-Purpose Address Registry. */
const SPECIAL_V6 = [
  ['2001::', 23], // protocol assignments, tunnels
  ['2001:db8::', 32], // documentation
  ['2002::', 16], // 6to4: an IPv4 address inside
  ['3fff::', 20], // documentation
] as const;

const specialV4 = new BlockList();
for (const [network, prefix] of SPECIAL_V4) specialV4.addSubnet(network, prefix, 'ipv4');

const specialV6 = new BlockList();
for (const [network, prefix] of SPECIAL_V6) specialV6.addSubnet(network, prefix, 'ipv6');

/** Loopback, link-local, unique local, multicast, mapped and compatible IPv4 all lie outside. */
const globalUnicast = new BlockList();
globalUnicast.addSubnet('2000::', 3, 'ipv6');

/** How networks without IPv4 reach it (RFC 6052): the last 32 bits are the IPv4 address. */
const translated = new BlockList();
translated.addSubnet('64:ff9b::', 96, 'ipv6');

/**
 * Addresses of one link only, and those at which clouds tell machines their credentials. Source: RFC 3927, RFC 4291;
 * the clouds' own pages on instance metadata.
 */
const forbiddenV4 = new BlockList();
forbiddenV4.addSubnet('169.254.0.0', 16, 'ipv4');
for (const address of ['100.100.100.200', '168.63.129.16', '192.0.0.192']) forbiddenV4.addAddress(address, 'ipv4');

const forbiddenV6 = new BlockList();
forbiddenV6.addSubnet('fe80::', 10, 'ipv6');
forbiddenV6.addSubnet('fd00:ec2::', 32, 'ipv6');
forbiddenV6.addAddress('fd20:ce::254', 'ipv6');

/** Whether an address is one that anybody on the internet could reach. What is no address is not. */
export function isPublicAddress(address: string): boolean {
  if (isForbiddenAddress(address)) return false;
  switch (isIP(address)) {
    case 4:
      return !specialV4.check(address, 'ipv4');
    case 6:
      if (address.includes('%')) return false; // with a zone it is of one link only
      if (translated.check(address, 'ipv6')) return isPublicAddress(toV4(groupsOf(address).slice(6)));
      return globalUnicast.check(address, 'ipv6') && !specialV6.check(address, 'ipv6');
    default:
      return false;
  }
}

/**
 * Whether an address is one that no request should go to, however it is written: link-local, or of a cloud's metadata
 * service.
 */
export function isForbiddenAddress(address: string): boolean {
  const plain = address.replace(/%.*$/s, '');
  if (isIP(plain) === 4) return forbiddenV4.check(plain, 'ipv4');
  if (isIP(plain) !== 6) return false;
  return forbiddenV6.check(plain, 'ipv6') || embeddedV4(plain).some((inner) => forbiddenV4.check(inner, 'ipv4'));
}

/**
 * The IPv4 addresses that an IPv6 address may lead to: mapped, compatible or translated (mostly the last 32 bits), and
 * 6to4 (after the first 16).
 */
function embeddedV4(address: string): readonly string[] {
  const groups = groupsOf(address);
  const head = groups.slice(0, 6).join(':');
  if (groups[0] === 0x2002) return [toV4(groups.slice(1, 3))];
  if (head.startsWith(LOCAL_TRANSLATION)) return [toV4(groups.slice(6)), ...prefixed(groups)];
  return EMBEDDING.has(head) ? [toV4(groups.slice(6))] : [];
}

/** Behind a prefix of 48, 56 or 64 bits, the address stands around the bits 64 to 71, which are 0 (RFC 6052, 2.2). */
function prefixed(groups: readonly number[]): readonly string[] {
  const bytes = groups.flatMap((group) => [group >> 8, group & 0xff]);
  return [6, 7, 8].map((at) => [...bytes.slice(at, 8), ...bytes.slice(9)].slice(0, 4).join('.'));
}

/** First 96 bits, in decimal groups: `::ffff:0:0/96`, `::ffff:0:0:0/96`, `::/96` and `64:ff9b::/96`. */
const EMBEDDING: ReadonlySet<string> = new Set([
  '0:0:0:0:0:65535',
  '0:0:0:0:65535:0',
  '0:0:0:0:0:0',
  '100:65435:0:0:0:0',
]);
/** `64:ff9b:1::/48`, RFC 8215. */
const LOCAL_TRANSLATION = '100:65435:1:';

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): readonly number[] {
  // The URL parser writes every form of it in hexadecimal groups.
  const text = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [before = '', after] = text.split('::');
  const toNumbers = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const [first, last] = [toNumbers(before), toNumbers(after ?? '')];
  return [...first, ...Array.from({ length: 8 - first.length - last.length }, () => 0), ...last];
}

function toV4([high = 0, low = 0]: readonly number[]): string {
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
}
