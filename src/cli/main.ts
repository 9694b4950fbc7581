#!/usr/bin/env node
import process from 'node:process';

// First of all, before anything else is read: nothing ends process 1 of a container but what it listens to itself. Of a
// command that has an end of its own to come to, and listens too, the end is up to that.
if (process.pid === 1) {
  for (const [signal, exitCode] of Object.entries({ SIGINT: 130, SIGTERM: 143 })) {
    process.on(signal, () => {
      if (process.listenerCount(signal) === 1) process.exit(exitCode);
    });
  }
}

// What is written is for this user alone: data, backups, and what handlers write.
process.umask(0o077);

// A reader that has seen enough (`errand runs | head -1`) is no error. A command that has an end of its own to come to
// listens too.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  if (process.stdout.listenerCount('error') === 1) process.exit(0);
});

// Nobody reads it any more: no reason for a server to stop short of a clean end.
process.stderr.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

const [{ processIo }, { runCli }] = await Promise.all([import('./terminal/io.js'), import('./run-cli.js')]);
process.exitCode = await runCli({ argv: process.argv.slice(2), io: processIo() });
