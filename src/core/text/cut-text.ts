/** At most so many characters (UTF-16 units), without a half of a surrogate pair at the end or anywhere. */
export function cutText(text: string, most: number): string {
  if (text.length <= most) return text.toWellFormed();
  const last = text.charCodeAt(most - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? most - 1 : most).toWellFormed();
}

/** The same, with `…` as the last character of a text that was cut. */
export function shorten(text: string, most: number): string {
  return text.length <= most ? text.toWellFormed() : `${cutText(text, most - 1)}…`;
}
