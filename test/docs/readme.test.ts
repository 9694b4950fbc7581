import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repository, ServerProcess } from '../support/server/server-process.js';

const readme = readFileSync(join(repository, 'README.md'), 'utf8');
let project: string;

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'errand-readme-'));
  mkdirSync(join(project, 'node_modules'));
  symlinkSync(repository, join(project, 'node_modules', 'errand'));
  symlinkSync(join(repository, 'node_modules', 'zod'), join(project, 'node_modules', 'zod'));
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

function blocks(language: string): string[] {
  return [...readme.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].flatMap(
    (match) => match[1] ?? [],
  );
}

/** The files that the README shows under their names. */
function writeShownFiles(): void {
  for (const [, path = '', text = ''] of readme.matchAll(/^`(workflows\/\S+)`:\n\n```\w+\n([\s\S]*?)```/gm)) {
    mkdirSync(dirname(join(project, path)), { recursive: true });
    writeFileSync(join(project, path), text);
  }
}

const cli = (...args: string[]): string =>
  execFileSync(process.execPath, [join(repository, 'dist', 'cli', 'main.js'), ...args], {
    cwd: project,
    encoding: 'utf8',
  });

describe('the README', () => {
  it('shows a workflow that passes the check and runs', async () => {
    writeShownFiles();
    expect(cli('workflows', 'check', 'workflows')).toContain('greet');
    const server = await ServerProcess.start({ data: join(project, 'data'), workflows: join(project, 'workflows') });
    try {
      const { body } = await server.api('/runs', {
        method: 'POST',
        body: { workflow_id: 'greet', input: { name: 'Ada' }, wait_seconds: 20 },
      });
      expect(body).toMatchObject({
        status: 'completed',
        output: { greetings: ['Good day, Ada.', 'Hey Ada!'] },
        credits_consumed: 1,
      });
      expect(body['nodes']).toMatchObject([{}, { findings: 'Ada deserves a wave.', progress: 100 }]);
    } finally {
      await server.end('SIGTERM');
    }
  });

  it('shows a program that uses the library and prints what its comment says', () => {
    const program = blocks('ts').find((block) => block.includes('createErrand')) ?? '';
    writeFileSync(join(project, 'program.mjs'), program);
    const printed = execFileSync(process.execPath, ['program.mjs'], { cwd: project, encoding: 'utf8' });
    expect(program).toContain(`// ${printed.trim()}`);
  });

  it('names only scripts, pages and commands that are there', () => {
    const { scripts } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as { scripts: object };
    for (const [, script = ''] of readme.matchAll(/npm run ([\w:-]+)/g)) expect(Object.keys(scripts)).toContain(script);
    for (const [, page = ''] of readme.matchAll(/\]\(((?!http)[^)#]+)\)/g)) {
      expect(() => readFileSync(join(repository, page))).not.toThrow();
    }
    const help = cli('--help');
    for (const command of [
      'run',
      'watch',
      'status',
      'runs',
      'cancel',
      'workflows',
      'credits',
      'keys',
      'orgs',
      'serve',
      'demo',
    ]) {
      expect(help).toMatch(new RegExp(`^\\s+${command}\\b`, 'm'));
    }
  });
});

describe('what the first start prints', () => {
  it('works when pasted', async () => {
    const data = join(project, 'first-start');
    const server = await ServerProcess.start({ data, env: { ERRAND_BOOTSTRAP_KEY: '' } });
    try {
      const curl = /^ {2}curl [\s\S]*?\n\n/m.exec(await fullOutput(server))?.[0] ?? '';
      const answer = JSON.parse(execFileSync('sh', ['-c', curl], { encoding: 'utf8' })) as {
        result: { structuredContent: { run_id: string; status: string } };
      };
      expect(answer.result.structuredContent.run_id).toMatch(/^agent_run_[0-9a-f]{32}$/);
      expect(answer.result.structuredContent.status).toBe('pending');
    } finally {
      await server.end('SIGTERM');
    }
  });
});

async function fullOutput(server: ServerProcess): Promise<string> {
  while (!server.output.includes('Ctrl-C stops it')) await new Promise((resolve) => setTimeout(resolve, 10));
  return server.output;
}
