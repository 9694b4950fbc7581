import { ErrandError } from '../../core/errors.js';

/** Of a setting whose value is wrong. */
export function invalidSetting(name: string, text: string, wanted: string): ErrandError {
  return new ErrandError('invalid_input', `${name} must be ${wanted}, not ${JSON.stringify(text.slice(0, 200))}.`);
}
