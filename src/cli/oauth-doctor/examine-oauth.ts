import type { Fetch } from './ask.js';
import { Findings, type Finding } from '../../app/doctor/finding.js';
import { KNOWN_HOSTS, type KnownHost } from './known-hosts.js';
import { lookAtAddress } from './look-at-address.js';
import { lookAtServer } from './look-at-server.js';
import { tryHost } from './try-host.js';

/**
 * Registrations that a server takes of one address within a minute are few: hosts that register alike are tried once.
 */
function oncePerRegistration(hosts: readonly KnownHost[]): readonly KnownHost[] {
  const seen = new Set<string>();
  return hosts.filter(({ registration }) => {
    const text = registration === undefined ? '' : JSON.stringify(registration);
    if (text === '') return true;
    const isNew = !seen.has(text);
    seen.add(text);
    return isNew;
  });
}

/**
 * Replays, against a deployed address, what each known host does from the address to the page on which a person signs
 * in.
 */
export async function examineOAuth(fetchIt: Fetch, url: string): Promise<readonly Finding[]> {
  const findings = new Findings();
  const { issuers } = await lookAtAddress(fetchIt, url, findings);
  for (const issuer of issuers.filter((text) => URL.canParse(text))) {
    const server = await lookAtServer(fetchIt, issuer, findings);
    if (server === null) continue;
    for (const host of oncePerRegistration(KNOWN_HOSTS)) {
      if (host.isInvented === true || (host.document !== undefined && !server.takesDocuments)) continue;
      await tryHost(fetchIt, { host, server, resource: url }, findings);
    }
  }
  return findings.list;
}
