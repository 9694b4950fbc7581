import { BlockList, isIP, isIPv6 } from 'node:net';

/** Addresses and networks, as the settings have checked them. */
export function readTrustedProxies(listed: readonly string[]): (address: string) => boolean {
  if (listed.length === 0) return () => false;
  const list = new BlockList();
  for (const each of listed) {
    const [address = '', bits] = each.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return (address) => isIP(address) !== 0 && list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}
