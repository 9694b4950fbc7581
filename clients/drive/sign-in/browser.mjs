// What a host opens the page with that a person signs in on: the person gives the key, and is sent back to the host.
import { consent } from './sign-in.mjs';

const answer = await fetch(await consent(process.argv[2]));
process.exitCode = answer.ok ? 0 : 1;
