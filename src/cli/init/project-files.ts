/** The files of a project to begin with, by their paths in it. `version`: of this program, which the project then has. */
export function projectFiles(version: string): { readonly [path: string]: string } {
  return {
    'package.json': packageJson(version),
    'workflows/greeting.yaml': GREETING,
    'workflows/word_count/workflow.yaml': WORD_COUNT,
    'workflows/word_count/count-words.mjs': COUNT_WORDS,
    'workflows/word_count/count-words.test.mjs': COUNT_WORDS_TEST,
    'README.md': README,
    '.gitignore': 'node_modules/\n.errand/\n',
  };
}

function packageJson(version: string): string {
  const manifest = {
    name: 'errand-workflows',
    private: true,
    type: 'module',
    scripts: {
      start: 'errand serve',
      check: 'errand workflows check',
      test: 'node --test workflows/**/*.test.mjs',
    },
    dependencies: { errand: `^${version}` },
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
description: Counts the words of a text, with a function beside this file.
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
    uses: ./count-words.mjs
    with: { text: '{{ input.text }}' }
`;

const COUNT_WORDS = `export default function countWords({ input, findings }) {
  const words = input.text.split(/\\s+/).filter((word) => word !== '').length;
  findings(\`\${words} words.\`);
  return { words };
}
`;

const COUNT_WORDS_TEST = `import assert from 'node:assert/strict';
import { test } from 'node:test';
import countWords from './count-words.mjs';

test('counts the words between blanks of any kind', () => {
  const told = [];
  const output = countWords({ input: { text: ' one  two\\nthree ' }, findings: (text) => told.push(text) });
  assert.deepEqual(output, { words: 3 });
  assert.deepEqual(told, ['3 words.']);
});
`;

const README = `# Workflows

\`\`\`sh
npm install
npm test          # the tests beside the handlers
npm run check     # every workflow file
npm start         # serves them; prints a key at its first start
\`\`\`

With the key in \`ERRAND_API_KEY\`:

\`\`\`sh
npx errand run greeting --input '{"name": "Ada"}' --watch
npx errand run word_count --input '{"text": "one two"}' --watch
\`\`\`
`;
