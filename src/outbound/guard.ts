import { type LookupAddress, type LookupAllOptions, lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { ForbiddenAddress, type HostRange } from '../core/ports/outbound.js';
import { isForbiddenAddress, isPublicAddress } from './address-kind.js';
import { type HostRule, isListed, isNamed, type Place } from './host-rules.js';

/** Every address of a host name. */
export type Lookup = (
  hostname: string,
  options: LookupAllOptions,
  done: (error: Error | null, found: LookupAddress[]) => void,
) => void;

/** By these names clouds offer their metadata services; where they lead depends on who asks. */
const METADATA_NAMES: ReadonlySet<string> = new Set([
  'instance-data',
  'instance-data.ec2.internal',
  'metadata',
  'metadata.goog',
  'metadata.google.internal',
  'metadata.tencentyun.com',
]);

/** Decides where connections may go. */
export class Guard {
  readonly #range: HostRange;
  readonly #allow: readonly HostRule[];
  readonly #lookup: Lookup;

  constructor(params: {
    readonly range: HostRange;
    readonly allow: readonly HostRule[];
    readonly lookup: Lookup | undefined;
  }) {
    this.#range = params.range;
    this.#allow = params.allow;
    this.#lookup = params.lookup ?? systemLookup;
  }

  /** For a host as it is written: what is an address already is not looked up. Throws a ForbiddenAddress. */
  assertHost(place: Place): void {
    const { host } = place;
    if (isNamed(this.#allow, place)) return;
    if (METADATA_NAMES.has(host)) throw forbidden(`${host} is`, 'special');
    if (isIP(host.replace(/%.*$/s, '')) === 0) return;
    const fault = this.#faultOf(place, host);
    if (fault !== null) throw forbidden(`${host} is`, fault);
  }

  /** Looks a name up for a connection, once, and fails when any of its addresses is not allowed. */
  lookupFor(place: Place): LookupFunction {
    return (hostname, options, done) => {
      this.#lookup(hostname, { ...options, all: true }, (error, found) => {
        const [first] = error === null ? found : [];
        if (error !== null || first === undefined) {
          done(error ?? new Error(`${hostname} has no address`), '');
          return;
        }
        const fault = this.#faultOfAll(place, found);
        if (fault !== null) done(fault, '');
        else if (options.all === true) done(null, found);
        else done(null, first.address, first.family);
      });
    };
  }

  /**
   * For a name that a proxy will look up: what is found here is checked, and what is not found is left to the proxy.
   */
  assertName(place: Place): Promise<void> {
    if (isIP(place.host) !== 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#lookup(place.host, { all: true }, (error, found) => {
        const fault = error === null ? this.#faultOfAll(place, found) : null;
        if (fault === null) resolve();
        else reject(fault);
      });
    });
  }

  /** Which address it is, is not told: names of the inside are nobody's business. */
  #faultOfAll(place: Place, found: readonly LookupAddress[]): ForbiddenAddress | null {
    if (isNamed(this.#allow, place)) return null;
    for (const { address } of found) {
      const fault = this.#faultOf(place, address);
      if (fault !== null) return forbidden(`${place.host} leads to`, fault);
    }
    return null;
  }

  #faultOf({ port }: Place, address: string): Fault | null {
    if (isListed(this.#allow, address, port)) return null;
    if (isForbiddenAddress(address)) return 'special';
    return this.#range === 'public' && !isPublicAddress(address) ? 'internal' : null;
  }
}

/** `special`: link-local, or of a metadata service. */
type Fault = 'special' | 'internal';

function forbidden(begin: string, fault: Fault): ForbiddenAddress {
  const what =
    fault === 'internal' ? 'an internal address' : "a link-local address, or one of a cloud's metadata service";
  return new ForbiddenAddress(`${begin} ${what}`, fault === 'internal');
}
