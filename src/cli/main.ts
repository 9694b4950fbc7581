#!/usr/bin/env node
import { processIo } from './terminal/io.js';
import { runCli } from './run-cli.js';

// A reader that has seen enough (`errand runs | head -1`) is no error. A command that has an end of its own to come to listens too.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  if (process.stdout.listenerCount('error') === 1) process.exit(0);
});

// Nobody reads it any more: no reason for a server to stop short of a clean end.
process.stderr.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

process.exitCode = await runCli({ argv: process.argv.slice(2), io: processIo() });
