import { readRules } from '../../../site_checkup/lib/crawl/robots.js';

/** How the robots call themselves that fetch pages for AI assistants and their search, by who sends them. */
const ASSISTANTS: { readonly [robot: string]: string } = {
  GPTBot: 'ChatGPT (GPTBot)',
  'OAI-SearchBot': 'ChatGPT search (OAI-SearchBot)',
  ClaudeBot: 'Claude (ClaudeBot)',
  PerplexityBot: 'Perplexity (PerplexityBot)',
  'Google-Extended': 'Gemini (Google-Extended)',
};

/** Those that a robots.txt forbids to read this page. */
export function findBlockedAssistants({ url, robots }: { readonly url: string; readonly robots: string }): string[] {
  const { origin } = new URL(url);
  return Object.entries(ASSISTANTS).flatMap(([robot, label]) =>
    readRules({ origin, robots, robot }).isAllowed(url) ? [] : [label],
  );
}
