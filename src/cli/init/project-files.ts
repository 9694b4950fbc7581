import { pathOf } from './errand-package.js';

/** As modules of the project name them. */
const PACKAGE = `'errand'`;
const TEST_KIT = `'errand/testing'`;

/**
 * The files of a project to begin with, by their paths in it. `errand`: what its package.json says of this program, a
 * version or a `file:`.
 */
export function projectFiles(errand: string): { readonly [path: string]: string } {
  return {
    'package.json': packageJson(errand),
    'workflows/greeting.yaml': GREETING,
    'workflows/word_count/workflow.yaml': WORD_COUNT,
    'workflows/word_count/count-words.ts': COUNT_WORDS,
    'workflows/word_count/word-count.test.mjs': WORD_COUNT_TEST,
    'compose.yaml': compose(errand),
    'README.md': README,
    '.gitignore': 'node_modules/\n.errand/\n',
  };
}

function packageJson(errand: string): string {
  const manifest = {
    name: 'errand-workflows',
    private: true,
    type: 'module',
    scripts: {
      start: 'errand serve',
      check: 'errand workflows check',
      test: 'node --test workflows/**/*.test.mjs',
    },
    dependencies: { errand },
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

const GREETING = `id: greeting
name: Greeting
description: Greets somebody.
input:
  type: object
  required: [name]
  properties: { name: { type: string } }
nodes:
  - id: greet
    kind: transform
    with: { text: 'Hello {{ input.name }}' }
result: '{{ nodes.greet.output }}'
`;

const WORD_COUNT = `id: word_count
name: Word Count
description: Counts the words of a text, with a function beside this file, and tells somebody of long ones.
input:
  type: object
  required: [text]
  properties: { text: { type: string } }
output:
  type: object
  required: [words]
  properties: { words: { type: integer } }
nodes:
  - id: count
    kind: code
    uses: ./count-words.ts
    with: { text: '{{ input.text }}' }
  - id: tell
    kind: http
    when: '{{ nodes.count.output.words > 1000 }}'
    needs: [count]
    with:
      method: POST
      url: https://example.com/long-texts
      body: { words: '{{ nodes.count.output.words }}' }
result: '{{ nodes.count.output }}'
`;

const COUNT_WORDS = `import { defineHandler } from ${PACKAGE};

export default defineHandler<{ text: string }>(({ input, findings }) => {
  const words = input.text.split(/\\s+/).filter((word) => word !== '').length;
  findings(\`\${words} words.\`);
  return { words };
});
`;

const WORD_COUNT_TEST = `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { testWorkflow } from ${TEST_KIT};

const folder = fileURLToPath(new URL('.', import.meta.url));

test('counts the words between blanks of any kind, and tells nobody of a short text', async () => {
  const workflow = await testWorkflow(folder);
  const run = await workflow.run({ text: ' one  two\\nthree ' });
  assert.deepEqual(run.output, { words: 3 });
  assert.equal(workflow.calls('tell').length, 0);
  await workflow.close();
});

test('tells of a long text', async () => {
  const workflow = await testWorkflow(folder, { nodes: { tell: { output: { status: 204 } } } });
  const run = await workflow.run({ text: 'word '.repeat(1001) });
  assert.equal(run.status, 'completed');
  assert.deepEqual(workflow.calls('tell')[0].input.body, { words: 1001 });
  await workflow.close();
});
`;

/** A package that is no registry's has the same path in the container. */
function compose(errand: string): string {
  const path = pathOf(errand);
  const volumes = ['.:/project', 'errand:/data', ...(path === null ? [] : [`${path}:${path}:ro`])];
  return `# docker compose up: the workflows of this folder on port 8787, with its data in a volume.
services:
  errand:
    image: node:22-slim
    working_dir: /project
    command: sh -c "npm install --omit=dev && exec npx errand serve --host 0.0.0.0 --data /data"
    ports: ['127.0.0.1:8787:8787']
    volumes: ${JSON.stringify(volumes)}
volumes:
  errand:
`;
}

const README = `# Workflows

\`\`\`sh
npm install
npm test          # the tests beside the workflows
npm run check     # every workflow file
npm start         # serves them; prints a key at its first start
\`\`\`

With the key in \`ERRAND_API_KEY\`:

\`\`\`sh
npx errand run greeting --input '{"name": "Ada"}' --watch
npx errand run word_count --input '{"text": "one two"}' --watch
\`\`\`
`;
