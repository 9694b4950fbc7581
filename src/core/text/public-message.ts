/** Not within an address or a longer word. */
const PATH =
  /(?<![\w.:/…])(?:file:\/\/)?(?:[A-Za-z]:)?[/\\](?:[^\s/\\'"`:;,()[\]{}<>]+[/\\])+([^\s/\\'"`:;,()[\]{}<>]+\.[A-Za-z][\w-]{0,11})(?![\w/\\])/g;
const ADDRESS = /\bhttps?:\/\/[^\s'"`<>()]+/gi;
const SECRET_NAME = /token|secret|key|passw|auth|sig|session|credential/i;

/**
 * A failure's message as those may read it who do not run the server: of files of this machine only their names, and
 * addresses without what services keep their tokens in.
 */
export function toPublicMessage(message: string): string {
  return message.replaceAll(ADDRESS, hideTokens).replaceAll(PATH, (_, name: string) => `…/${name}`);
}

function hideTokens(found: string): string {
  if (!URL.canParse(found)) return found;
  const { username, password, pathname, search } = new URL(found);
  const hidden = hidePathTokens(pathname);
  const isPlain = username === '' && password === '' && hidden === pathname;
  if (isPlain && !SECRET_NAME.test(search)) return found;
  const [beforeQuery = ''] = found.split(/[?#]/);
  const origin = beforeQuery.replace(/^(https?:\/\/)[^/@]*@/i, '$1').replace(/^(https?:\/\/[^/]*).*$/is, '$1');
  return `${origin}${hidden}${SECRET_NAME.test(search) ? '?…' : search}`;
}

/** The path of an address without the parts that look like tokens. */
function hidePathTokens(path: string): string {
  return path.replaceAll(/[^/]+/g, (part) => (isToken(part) ? '…' : part));
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Words, dates and names do not mix letters and digits for long; ids of UUID form are told, as people need them to find
 * things.
 */
function isToken(part: string): boolean {
  if (UUID.test(part)) return false;
  return part.split(/[-_.~:%]/).some((piece) => {
    const digits = piece.replaceAll(/\D/g, '').length;
    return piece.length >= 32 || (piece.length >= 12 && digits >= 2 && piece.length - digits >= 2);
  });
}
