/** Whether a value as it is written holds an expression, so that what it will be is not known yet. */
export function hasExpression(value: unknown): boolean {
  return typeof value === 'string' && value.includes('{{');
}
