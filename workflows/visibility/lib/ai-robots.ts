import robotsParser from 'robots-parser';

/** How the robots call themselves that fetch pages for AI assistants and their search, by who sends them. */
const ASSISTANTS: { readonly [robot: string]: string } = {
  GPTBot: 'ChatGPT (GPTBot)',
  'OAI-SearchBot': 'ChatGPT search (OAI-SearchBot)',
  ClaudeBot: 'Claude (ClaudeBot)',
  PerplexityBot: 'Perplexity (PerplexityBot)',
  'Google-Extended': 'Gemini (Google-Extended)',
};

// The package is CommonJS whose types claim a default export.
const parseRobots = robotsParser as unknown as (typeof robotsParser)['default'];

/** Those that a robots.txt forbids to read this page. */
export function findBlockedAssistants({ url, robots }: { readonly url: string; readonly robots: string }): string[] {
  const rules = parseRobots(`${new URL(url).origin}/robots.txt`, robots);
  return Object.entries(ASSISTANTS).flatMap(([robot, label]) => (rules.isAllowed(url, robot) === false ? [label] : []));
}
