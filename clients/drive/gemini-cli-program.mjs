import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const GEMINI = join('@google', 'gemini-cli', 'bundle', 'gemini.js');
export const geminiEnv = { GOOGLE_GEMINI_BASE_URL: process.env.MODELS_URL, GEMINI_API_KEY: 'none' };

/** What a person says once: how to reach the model, that the folder is to be trusted, and what else is given. */
export function settle(change = {}) {
  const file = join(process.env.HOME, '.gemini', 'settings.json');
  const settings = JSON.parse(readFileSync(file, 'utf8'));
  const security = { auth: { selectedType: 'gemini-api-key' }, folderTrust: { enabled: false } };
  writeFileSync(file, JSON.stringify({ ...settings, ...change, security }));
}
