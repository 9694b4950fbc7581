/** JSONata's tree is loosely typed: every field is looked at before it is used. */
export type Ast = { readonly [field: string]: unknown };

export function isAst(value: unknown): value is Ast {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
