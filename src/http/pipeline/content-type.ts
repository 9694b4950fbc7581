import { ErrandError } from '../../core/errors.js';

const JSON_TYPE = /^application\/json\s*(;\s*charset\s*=\s*"?utf-?8"?\s*)?(;.*)?$/i;
const OTHER_CHARSET = /;\s*charset\s*=\s*(?!"?utf-?8)/i;

/** Throws `unsupported_media_type` unless the header's value says that a body is JSON. */
export function checkJsonType(type: string | undefined): void {
  if (type === 'application/json') return;
  if (type !== undefined && JSON_TYPE.test(type) && !OTHER_CHARSET.test(type)) return;
  const given = type === undefined ? 'none was given' : `not ${JSON.stringify(type.slice(0, 100))}`;
  throw new ErrandError('unsupported_media_type', `The content type must be application/json in UTF-8; ${given}.`);
}
