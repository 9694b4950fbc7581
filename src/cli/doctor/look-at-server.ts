import type { ErrandClient } from '../../api/client/client.js';
import { getDoctor } from '../../api/endpoints/server.js';
import type { Findings } from '../../app/doctor/finding.js';
import { errorMessage } from '../../core/errors.js';

/** What only the server at work can tell; the rest of what it finds is looked at from here. */
const TOLD = ['store', 'clock', 'queue', 'keys'];

/** What does not go on in the server itself, as far as the key may know. */
export async function lookAtServer(client: ErrandClient, findings: Findings): Promise<void> {
  try {
    const { findings: told } = await client.call(getDoctor, {});
    for (const { name, kind, message } of told) if (TOLD.includes(name)) findings.add(kind, name, message);
  } catch (error) {
    const what = 'the store, its clock, the queue and keys, which take a key with the scope operate';
    findings.add('warning', 'operations', `not looked at: ${what}. ${errorMessage(error)}`);
  }
}
