import { loadConfig, SETTING_VARIABLES, type Config } from '../config/config.js';
import type { RawSettings } from '../config/environment.js';
import { errorMessage } from '../../core/errors.js';
import type { Findings } from './finding.js';

/** Those that begin with ERRAND_ and are no settings of the server. */
const OTHERS = ['ERRAND_URL', 'ERRAND_API_KEY'];
/** What Kubernetes sets beside a Service named `errand`, what tests use, and the secrets of workflows. */
const FOREIGN = /^ERRAND_(PORT_\d+_|SERVICE_|WORKFLOW_SECRET_|TEST_)/;

/** The settings of the environment; null when a server would not start with them. */
export function lookAtSettings(env: RawSettings, findings: Findings): Config | null {
  const known = new Set([...SETTING_VARIABLES, ...OTHERS]);
  for (const name of Object.keys(env).filter((one) => one.startsWith('ERRAND_') && !FOREIGN.test(one))) {
    if (known.has(name) || known.has(name.replace(/_FILE$/, ''))) continue;
    const nearest = findNearest(name, known);
    const hint = nearest === null ? 'Take it out.' : `Is ${nearest} meant?`;
    findings.add('warning', 'settings', `${name} is no setting, and changes nothing. ${hint}`);
  }
  try {
    const config = loadConfig({ env });
    findings.okUnlessTold('settings', 'a server can start with them');
    return config;
  } catch (error) {
    findings.add('fault', 'settings', errorMessage(error));
    return null;
  }
}

/** A name that differs in few letters; null when there is none. */
function findNearest(name: string, known: ReadonlySet<string>): string | null {
  let nearest: string | null = null;
  let least = 4;
  for (const one of known) {
    const distance = distanceOf(name, one);
    if (distance < least) [nearest, least] = [one, distance];
  }
  return nearest;
}

/** How many letters have to be changed, added or taken out. */
function distanceOf(one: string, other: string): number {
  let before = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [row, letter] of one.split('').entries()) {
    const now = [row + 1];
    for (const [column, against] of other.split('').entries()) {
      const kept = (before[column] ?? 0) + (letter === against ? 0 : 1);
      now.push(Math.min(kept, (before[column + 1] ?? 0) + 1, (now[column] ?? 0) + 1));
    }
    before = now;
  }
  return before.at(-1) ?? 0;
}
