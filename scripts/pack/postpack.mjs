import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { restore, saved } from './restore.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
if (existsSync(saved(root))) restore(root);
