const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether this is a UUID in the one form that Errand uses: lower case, with dashes. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}
