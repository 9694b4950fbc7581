import { readFileSync, statSync } from 'node:fs';
import { ErrandError, errorMessage } from '../../core/errors.js';

/** Variables by their names, as a process is given them: texts, or absent. */
export interface RawSettings {
  readonly [name: string]: string | undefined;
}

/**
 * What Kubernetes puts into `<SERVICE>_PORT` of every pod beside a Service; one that is named `errand` sets
 * ERRAND_PORT.
 */
const SERVICE_LINK = /^(tcp|udp|sctp):\/\//;

/** Settings, and keys of providers of models, that a file may hold: secrets that are mounted are files. */
const FROM_FILE = /^(ERRAND_[A-Z0-9_]+|[A-Z0-9_]+_API_KEY)_FILE$/;
/** Whoever sets one of these means Errand; other programs' may be none of its business. */
const OWN = /^(ERRAND_|OPENAI_|ANTHROPIC_|GOOGLE_GENERATIVE_AI_)/;
const MAX_FILE_BYTES = 65_536;

/**
 * The environment as it is meant: without line breaks and blanks around values, as `echo` and secrets that are mounted
 * leave them; with the values of files that `<NAME>_FILE` names; without what only looks like a setting. Throws
 * `invalid_input`, naming the variable.
 */
export function readEnvironment(given: RawSettings): RawSettings {
  const env: { [name: string]: string } = {};
  for (const [name, value] of Object.entries(given)) {
    const text = value?.trim() ?? '';
    if (text !== '' && !(name === 'ERRAND_PORT' && SERVICE_LINK.test(text))) env[name] = text;
  }
  for (const [variable, path] of Object.entries(env)) {
    const name = FROM_FILE.exec(variable)?.[1];
    if (name === undefined) continue;
    const isOwn = OWN.test(name);
    if (env[name] === undefined) {
      const value = readValue(variable, path, isOwn);
      if (value !== null) env[name] = value;
    } else if (isOwn) throw wrong(`${name} and ${variable} are both set; set one of them.`);
  }
  return env;
}

/** Null when the file cannot be used and does not have to be. */
function readValue(variable: string, path: string, isOwn: boolean): string | null {
  try {
    if (statSync(path).size > MAX_FILE_BYTES) throw new Error(`it is larger than ${MAX_FILE_BYTES} bytes`);
    const value = readFileSync(path, 'utf8').trim();
    if (value === '') throw new Error('it is empty');
    return value;
  } catch (error) {
    if (!isOwn) return null;
    throw wrong(`${variable} names the file ${JSON.stringify(path)}, which cannot be used: ${errorMessage(error)}.`);
  }
}

function wrong(message: string): ErrandError {
  return new ErrandError('invalid_input', message);
}
