/** Why a mode cannot be had on this machine. */
export class NotHere extends Error {}

/** What else happens to a server than being killed. */
export interface Faults {
  /** Where the data folder is to be. */
  readonly data: string;
  readonly env: { readonly [name: string]: string };
  /** Before a server is started; what went wrong before is over. */
  beforeLife(): void;
  /** While it serves, now and then. */
  strike(): void;
  relieve(): void;
  /** After a server has gone. */
  afterLife(): void;
  /** What has happened, for the report. */
  describe(): string;
  /** May be called again. */
  close(): void;
}

export function noFaults(data: string): Faults {
  const nothing = (): void => undefined;
  return {
    data,
    env: {},
    beforeLife: nothing,
    strike: nothing,
    relieve: nothing,
    afterLife: nothing,
    describe: () => '',
    close: nothing,
  };
}
