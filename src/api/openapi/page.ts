import { isJsonObject, type Json, type JsonObject } from '../../core/json.js';

/** Of the page. It has no script, and asks nothing of any other host. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --line: #8884; --soft: #8881; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; }
h2 { margin-top: 3rem; border-bottom: 1px solid var(--line); }
h3 { margin: 2rem 0 0.25rem; font-size: 1rem; }
code, pre { font: 0.85rem/1.4 ui-monospace, monospace; }
pre { background: var(--soft); padding: 0.75rem; overflow-x: auto; border-radius: 4px; }
table { border-collapse: collapse; width: 100%; }
td, th { border-bottom: 1px solid var(--line); padding: 0.25rem 0.75rem 0.25rem 0; text-align: left; vertical-align: top; }
.method { font-weight: 700; }
nav a { margin-right: 1rem; }
summary { cursor: pointer; }
`;

/** The reference of the REST API as a page: all that `document` says (see `openApiOf`). */
export function renderPage(document: JsonObject): string {
  const { title, version, description } = fields(document['info']);
  const operations = listOperations(document);
  const tags = listOf(document['tags']).map((tag) => textOf(tag['name']));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escape(title)} REST API</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<h1>${escape(title)} REST API</h1>
<p>${markup(description)} Version ${escape(version)}. As <a href="api/v1/openapi.json">OpenAPI 3.1</a>, for programs.</p>
<nav>${tags.map((tag) => `<a href="#${escape(tag)}">${escape(tag)}</a>`).join('')}<a href="#Shapes">Shapes</a></nav>
${tags.map((tag) => renderTag(tag, operations, document)).join('\n')}
<h2 id="Shapes">Shapes</h2>
${Object.entries(fields(fields(document['components'])['schemas']))
  .map(renderShape)
  .join('\n')}
</body>
</html>
`;
}

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly says: JsonObject;
}

function listOperations(document: JsonObject): Operation[] {
  return Object.entries(fields(document['paths'])).flatMap(([path, methods]) =>
    Object.entries(fields(methods)).map(([method, says]) => ({
      method: method.toUpperCase(),
      path,
      says: fields(says),
    })),
  );
}

function renderTag(tag: string, operations: readonly Operation[], document: JsonObject): string {
  const about = listOf(document['tags']).find(({ name }) => name === tag);
  const own = operations.filter(({ says }) => Array.isArray(says['tags']) && says['tags'].includes(tag));
  const server = textOf(listOf(document['servers'])[0]?.['url']);
  return `<h2 id="${escape(tag)}">${escape(tag)}</h2>
<p>${markup(about?.['description'])}</p>
${own.map((operation) => renderOperation(operation, server)).join('\n')}`;
}

function renderOperation({ method, path, says }: Operation, server: string): string {
  const body = jsonOf(says['requestBody']);
  const responses = Object.entries(fields(says['responses']));
  const answers = responses.flatMap(([status, response]) => {
    const { example } = jsonOf(response);
    return example === undefined || example === null ? [] : [{ status, example }];
  });
  return `<section id="${escape(says['operationId'])}">
<h3><span class="method">${method}</span> <code>${escape(path)}</code></h3>
<p>${escape(says['summary'])}. ${markup(says['description'])}</p>
${renderParameters(listOf(says['parameters']))}
<pre>${escape(curlOf({ method, path, says }, server, body['example']))}</pre>
<table>${responses.map(([status, response]) => row([status, markup(fields(response)['description'])])).join('')}</table>
${body['schema'] === undefined ? '' : details('The body', body['schema'])}
${answers
  .slice(0, 1)
  .map(({ status, example }) => details(`An answer with ${status}`, example))
  .join('')}
</section>`;
}

function renderParameters(parameters: readonly JsonObject[]): string {
  if (parameters.length === 0) return '';
  const rows = parameters.map(({ name, in: place, schema, description }) =>
    row([
      `<code>${escape(name)}</code>`,
      escape(place),
      markup(description),
      `<code>${escape(JSON.stringify(schema))}</code>`,
    ]),
  );
  return `<table>${rows.join('')}</table>`;
}

function curlOf({ method, path, says }: Operation, server: string, body: Json | undefined): string {
  const examples = listOf(says['parameters']).filter((parameter) => parameter['in'] === 'path');
  const at = examples.reduce((url, { name, example }) => url.replace(`{${textOf(name)}}`, textOf(example)), path);
  const lines = [
    `curl ${method === 'GET' ? '' : `-X ${method} `}${server}${at}`,
    `  -H "Authorization: Bearer $ERRAND_API_KEY"`,
    ...(body === undefined ? [] : [`  -H 'Content-Type: application/json'`, `  -d '${JSON.stringify(body)}'`]),
  ];
  return lines.join(' \\\n');
}

function renderShape([name, schema]: readonly [string, Json]): string {
  return `<section id="shape-${escape(name)}">${details(name, schema)}</section>`;
}

function details(summary: string, value: Json): string {
  return `<details><summary>${escape(summary)}</summary><pre>${escape(JSON.stringify(value, null, 2))}</pre></details>`;
}

function row(cells: readonly string[]): string {
  return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
}

/** What a body or an answer holds as JSON. */
function jsonOf(holder: Json | undefined): JsonObject {
  return fields(fields(fields(holder)['content'])['application/json']);
}

function fields(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function listOf(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter((item) => isJsonObject(item)) : [];
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

const ENTITIES: { readonly [character: string]: string } = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escape(value: Json | undefined): string {
  return textOf(value).replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? '');
}

/** Escaped, with what stands between backticks as code. */
function markup(value: Json | undefined): string {
  return escape(value).replaceAll(/`([^`]+)`/g, '<code>$1</code>');
}
