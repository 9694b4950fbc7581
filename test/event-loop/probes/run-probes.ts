import type { JsonObject } from '../../../src/core/json.js';
import { fill, sampleOf, type HostileText } from '../hostile-json.js';
import type { MeasuredServer, Probe } from '../measured-server.js';
import { BODY_BYTES, STRUCTURES, STRINGS, bodyProbe, type ProbeGroup } from './probe-groups.js';

/**
 * Inputs that begin runs, which give them back: what is measured is their whole way, until they have ended and are read
 * again.
 */
export function runsOf(workflow: string): ProbeGroup {
  const probes = [...STRUCTURES, ...STRINGS].map((hostile) => ({
    name: hostile.name,
    send: async (server: MeasuredServer) => {
      const begin = Buffer.from(`{"workflow_id":"${workflow}","wait_seconds":20,"input":`);
      const { text } = await server.send({
        method: 'POST',
        path: '/api/v1/runs',
        body: [begin, hostile.text, Buffer.from('}')],
      });
      const id = /"run_id":"([^"]+)"/.exec(text.slice(0, 500))?.[1];
      if (id === undefined) return;
      await server.send({ method: 'GET', path: `/api/v1/runs/${id}` });
      await server.send({ method: 'GET', path: `/api/v1/runs/${id}/events` });
    },
  }));
  return { name: `a run of ${workflow} with its input`, probes };
}

/** What is let in by its size and depth. */
const FORMS = STRUCTURES.filter(({ name }) => /^an? (list|object) of /.test(name));
/** Within the bounds of values and names, whatever an item is. */
const MAX_FITTING = 7_000;

/** Inputs for each form that the schema of `forms` knows, some that fit and some that nearly do. */
export function formGroups(properties: JsonObject): readonly ProbeGroup[] {
  const request = { method: 'POST', path: '/api/v1/runs' };
  return Object.entries(properties).map(([name, schema]) => {
    const before = Buffer.from(`{"workflow_id":"forms","input":{"${name}":`);
    const behind = Buffer.from('}}');
    const unit = JSON.stringify(sampleOf(schema));
    const isText = unit.startsWith('"');
    const items = unit.startsWith('[') ? unit.slice(1, -1) : unit;
    const fitting = Buffer.from(fill(BODY_BYTES, () => items, { most: MAX_FITTING }));
    const texts = isText ? STRINGS : [...FORMS, { name: `${items} again and again`, text: fitting }];
    return {
      name: `an input for ${name}`,
      probes: texts.map((hostile) => bodyProbe(hostile.name, request, [before, hostile.text, behind])),
    };
  });
}

/** Runs that ask a service, which answers with what stands at `url` followed by a number: each of these. */
export function serviceGroup(url: string, answers: readonly HostileText[]): ProbeGroup {
  const probes = answers.map(({ name }, index) =>
    runProbe(name, { workflow_id: 'asks_service', input: { url: `${url}/${index}` } }),
  );
  return { name: 'the answer of a service', probes };
}

/** Runs that come to much: one long text, many that are long together, a map of many items. */
export function growthGroup(): ProbeGroup {
  const sizes = [
    [8_000_000, 0],
    [300_000, 100],
    [100, 20_000],
  ] as const;
  const probes = sizes.map(([size, items]) =>
    runProbe(`${size} letters in ${items} items`, { workflow_id: 'grows', input: { size, items } }),
  );
  return { name: 'a run that grows', probes };
}

/** Starts a run, waits for its end, and looks at it again. */
function runProbe(name: string, body: JsonObject): Probe {
  const path = '/api/v1/runs';
  const started = [Buffer.from(JSON.stringify({ ...body, wait_seconds: 25 }))];
  return {
    name,
    send: async (server) => {
      const { text } = await server.send({ method: 'POST', path, body: started });
      const id = /"run_id":"(\w+-[\w-]+)"/.exec(text.slice(0, 200))?.[1] ?? '';
      await server.send({ method: 'GET', path: `${path}/${id}` });
    },
  };
}
