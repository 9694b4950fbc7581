import { createRequire } from 'node:module';
import type { Ajv2020, Options } from 'ajv/dist/2020.js';
import type { FormatsPlugin } from 'ajv-formats';
import type { fullFormats } from 'ajv-formats/dist/formats.js';
import { compareAsJson } from './json-equal.js';

interface LoadedAjv {
  readonly Ajv2020: new (options: Options) => Ajv2020;
  readonly addFormats: FormatsPlugin;
  readonly formats: typeof fullFormats;
}

let loaded: LoadedAjv | null = null;

/** Ajv is loaded for the first schema that it is to compile: most starts compile none. */
export function loadAjv(): LoadedAjv {
  if (loaded !== null) return loaded;
  compareAsJson();
  const { Ajv2020: made } = createRequire(import.meta.url)('ajv/dist/2020.js') as Pick<LoadedAjv, 'Ajv2020'>;
  const { default: addFormats } = createRequire(import.meta.url)('ajv-formats') as { readonly default: FormatsPlugin };
  const { fullFormats: formats } = createRequire(import.meta.url)('ajv-formats/dist/formats.js') as {
    readonly fullFormats: LoadedAjv['formats'];
  };
  loaded = { Ajv2020: made, addFormats, formats };
  return loaded;
}
