// What no call of a process can do without: a message there and back, between two writes that wait for the disk.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ECHO = `
const { Socket } = require('node:net');
const socket = new Socket({ fd: 3, readable: true, writable: true });
socket.on('data', (piece) => socket.write(piece));
socket.on('close', () => process.exit());
`;
const BLOCK = Buffer.alloc(4096, 1);
const MESSAGE = Buffer.alloc(600, 'm');
const WARM_UP = 300;

/** How long each message was on its way, in microseconds. */
export async function measureEchoes(count) {
  const folder = mkdtempSync(join(tmpdir(), 'errand-bench-echo-'));
  const file = await open(join(folder, 'log'), 'w');
  const child = spawn(process.execPath, ['-e', ECHO], { stdio: ['ignore', 'inherit', 'inherit', 'pipe'] });
  const pipe = child.stdio[3];
  const took = [];
  try {
    for (let round = -WARM_UP; round < count; round += 1) {
      await file.write(BLOCK, 0, BLOCK.length, ((round + WARM_UP) % 64) * BLOCK.length);
      await file.datasync();
      const from = performance.now();
      pipe.write(MESSAGE);
      await new Promise((resolve) => pipe.once('data', resolve));
      if (round >= 0) took.push((performance.now() - from) * 1000);
    }
  } finally {
    pipe.destroy();
    await file.close();
    rmSync(folder, { recursive: true, force: true });
  }
  return took;
}
