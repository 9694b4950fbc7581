import { createOutbound } from '../outbound/create-outbound.js';
import { readHostRules } from '../outbound/host-rules.js';

/** Goes to servers of tests, which are on this machine, also where only public hosts may be asked. */
export const loopbackOutbound = createOutbound({
  hosts: 'any',
  allow: readHostRules('127.0.0.0/8 ::1').rules,
  proxies: null,
});
