/** What a robots.txt says to one robot. Source: RFC 9309. */
export interface Rules {
  isAllowed(url: string): boolean;
  readonly crawlDelayMs: number;
  readonly sitemaps: readonly string[];
}

interface Rule {
  readonly pattern: string;
  readonly allow: boolean;
  /** What stands between the stars. */
  readonly parts: readonly string[];
  readonly atEnd: boolean;
}

interface Group {
  readonly rules: Rule[];
  crawlDelayMs: number;
}

const MAX_LINES = 2_000;
const MAX_LINE_CHARS = 500;
const DIRECTIVE = /^\s*(user-agent|allow|disallow|crawl-delay|sitemap)\s*:([^#]*)/i;

/** The lines of a robots.txt that robots heed, and nothing else of it: as many and as long as anybody needs. */
export function keepDirectives(text: string): string {
  const lines = text.split(/\r\n|\r|\n/);
  const kept = lines.filter((line) => line.length <= MAX_LINE_CHARS && DIRECTIVE.test(line));
  return kept.slice(0, MAX_LINES).join('\n');
}

/** The rules for a robot, by the name that it calls itself; `robots` is the text of `<origin>/robots.txt`, empty when there is none. */
export function readRules(params: { readonly origin: string; readonly robots: string; readonly robot: string }): Rules {
  const { origin, robots, robot } = params;
  const { groups, sitemaps } = readGroups(robots);
  const { rules, crawlDelayMs } = groups.get(robot.toLowerCase()) ?? groups.get('*') ?? { rules: [], crawlDelayMs: 0 };
  return {
    isAllowed: (url) => new URL(url).origin !== origin || isAllowedBy(rules, url),
    crawlDelayMs,
    sitemaps,
  };
}

function readGroups(robots: string): { readonly groups: ReadonlyMap<string, Group>; readonly sitemaps: string[] } {
  const groups = new Map<string, Group>();
  const sitemaps: string[] = [];
  let current: Group[] = [];
  let isNaming = false;
  for (const line of keepDirectives(robots).split('\n')) {
    const [, name = '', rest = ''] = DIRECTIVE.exec(line) ?? [];
    const directive = name.toLowerCase();
    const value = rest.trim();
    if (directive === 'sitemap') {
      if (value !== '') sitemaps.push(value);
      continue;
    }
    if (directive === 'user-agent') {
      if (!isNaming) current = [];
      current.push(groupOf(groups, value));
    } else if (directive === 'crawl-delay') {
      const seconds = Number(value);
      if (seconds >= 0) for (const group of current) group.crawlDelayMs = seconds * 1_000;
    } else if (value !== '') {
      const rule = toRule(value, directive === 'allow');
      for (const group of current) group.rules.push(rule);
    }
    isNaming = directive === 'user-agent';
  }
  return { groups, sitemaps };
}

function groupOf(groups: Map<string, Group>, userAgent: string): Group {
  const [product = ''] = userAgent.toLowerCase().split('/');
  const name = product.trim();
  const known = groups.get(name);
  if (known !== undefined) return known;
  const group = { rules: [], crawlDelayMs: 0 };
  groups.set(name, group);
  return group;
}

function toRule(value: string, allow: boolean): Rule {
  const pattern = encode(value);
  const atEnd = pattern.endsWith('$');
  return { pattern, allow, parts: (atEnd ? pattern.slice(0, -1) : pattern).split('*'), atEnd };
}

/** The longest pattern that fits decides; of two that are as long, the one that allows. */
function isAllowedBy(rules: readonly Rule[], url: string): boolean {
  const { pathname, search } = new URL(url);
  const path = encode(pathname + search);
  let decisive: Rule | null = null;
  for (const rule of rules) {
    const longer = rule.pattern.length - (decisive?.pattern.length ?? -1);
    if (longer < 0 || (longer === 0 && !rule.allow)) continue;
    if (fits(rule, path)) decisive = rule;
  }
  return decisive?.allow !== false;
}

/** Each part as early as it can be: where that fails, no other choice would do. */
function fits({ parts, atEnd }: Rule, path: string): boolean {
  const [first = '', ...others] = parts;
  if (!path.startsWith(first)) return false;
  const last = others.pop();
  if (last === undefined) return !atEnd || path.length === first.length;
  let at = first.length;
  for (const part of others) {
    const found = path.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return atEnd ? path.length - last.length >= at && path.endsWith(last) : path.includes(last, at);
}

/** As URLs are written: anything but ASCII in percents, their digits in upper case. */
function encode(path: string): string {
  return tryEncode(path).replaceAll(/%[0-9a-f]{2}/gi, (code) => code.toUpperCase());
}

function tryEncode(path: string): string {
  try {
    return encodeURI(path).replaceAll('%25', '%');
  } catch {
    return path; // half a character
  }
}
