import type { Ajv2020, Options } from 'ajv/dist/2020.js';
import { loadAjv } from './load-ajv.js';
import { LazyRegex } from './regex/lazy-regex.js';

/**
 * What compiles JSON Schemas (2020-12) whose patterns and formats take time in proportion to the text. An instance of
 * its own for each schema: what another calls itself (`$id`) is of no concern to it. Schemas are taken to be valid, and
 * unknown keywords and formats are left alone.
 */
export function createAjv(
  options: Options & { readonly passInexpressible?: boolean; readonly isWide?: boolean } = {},
): Ajv2020 {
  const { passInexpressible = false, isWide = false, ...given } = options;
  const regExp = (pattern: string, flags: string): LazyRegex => new LazyRegex({ pattern, flags, passInexpressible });
  const { Ajv2020: Made, addFormats, formats } = loadAjv();
  const ajv = new Made({
    meta: false,
    validateSchema: false,
    strict: false,
    logger: false,
    // What every object inherits (`constructor`, `toString`) is not there.
    ownProperties: true,
    // The text is for code that is written to files, which this is not.
    code: { regExp: Object.assign(regExp, { code: 'regExp' }), optimize: !isWide },
    ...given,
    // To stop at the first error takes checks one within the other, and many of those a long time to compile.
    ...(isWide ? { allErrors: true } : {}),
  });
  if (given.validateFormats === false) return ajv;
  addFormats(ajv);
  ajv.addFormat('url', (linearUrl ??= makeLinearUrl(formats)));
  return ajv;
}

/**
 * The package's own tries every colon before an `@` as the end of a user's name, which takes quadratic time. What it
 * accepts is the same.
 */
let linearUrl: RegExp | null = null;

function makeLinearUrl({ url }: ReturnType<typeof loadAjv>['formats']): RegExp {
  if (!(url instanceof RegExp)) throw new Error('The format "url" is not what it was');
  return new RegExp(url.source.replace(String.raw`(?:\S+(?::\S*)?@)?`, String.raw`(?:\S+@)?`), url.flags);
}
