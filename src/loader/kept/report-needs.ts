import type { ModuleReport } from '../../core/handlers/module-report.js';

/** What a module may ask when it is loaded, beside its own text. */
const ASKS =
  /\bprocess\s*[.[?]|[={,(]\s*process\b|\bDate\s*[.(]|\bnew Date\b|\bMath\s*\.\s*random|\bcrypto\s*\.|\bfetch\s*\(|\bperformance\s*\.|\brequire\s*\(|\bglobalThis\b|\bimport\s*\(|\bimport\.meta|\beval\s*\(|\bnew Function\b|\bIntl\b|\.toLocale/;
const NAMED_VARIABLE = /\bprocess\.env(?:\.([A-Za-z_]\w*)|\[(["'])([^"'\n]+)\2\])/g;
const ENVIRONMENT =
  /\bprocess\s*\??\.\s*env\b|\bprocess\s*\[|[={,(]\s*process\b(?!\s*\??\.)|["']node:process["']|["']process["']/;
const SOURCE_MAP = /^\/\/# sourceMappingURL=.*$/m;
/** What imports of these may do depends on Errand's version alone. */
const OWN: ReadonlySet<string> = new Set(['errand', 'zod']);

/**
 * What has to stay the same for a module to be reported the same way again: the variables of the environment, by name,
 * that must be set or unset as they are. Null where that cannot be told from its code.
 *
 * Names of exports hang on little: a module without a variable may throw. The definitions of workflows may hang on
 * whatever the module reads, so they are known only where it can read nothing.
 */
export function findNeeds(params: {
  readonly code: string;
  readonly report: ModuleReport;
  /** What it imports, as it is written. */
  readonly imports: readonly string[];
}): readonly string[] | null {
  const code = params.code.replace(SOURCE_MAP, '');
  if (params.report.workflows.length > 0) {
    return params.imports.every((name) => OWN.has(name)) && !ASKS.test(code) ? [] : null;
  }
  if (ENVIRONMENT.test(code.replaceAll(NAMED_VARIABLE, ''))) return null;
  const names = [...code.matchAll(NAMED_VARIABLE)].map(([, plain, , quoted]) => plain ?? quoted ?? '');
  return [...new Set(names)].toSorted();
}
