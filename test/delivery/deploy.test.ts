import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { loadConfig } from '../../src/app/config/config.js';
import { renderTemplates } from './helm-template.js';
import { repository, ServerProcess } from '../support/server/server-process.js';

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly labels: object };
  readonly spec: {
    readonly replicas: number;
    readonly selector: { readonly matchLabels: object };
    readonly podSelector: { readonly matchLabels: object };
    readonly ports: readonly object[];
    readonly endpoints: readonly object[];
    readonly template: { readonly metadata: { readonly labels: object }; readonly spec: Pod };
  };
}

interface Probe {
  readonly httpGet: { readonly path: string };
}

interface Pod {
  readonly securityContext: object;
  readonly volumes: readonly { readonly name: string }[];
  readonly containers: readonly {
    readonly image: string;
    readonly securityContext: object;
    readonly env: readonly { readonly name: string; readonly value: string }[];
    readonly envFrom: readonly object[];
    readonly volumeMounts: readonly { readonly name: string }[];
    readonly startupProbe: Probe;
    readonly livenessProbe: Probe;
    readonly readinessProbe: Probe;
  }[];
}

interface KubernetesObject {
  readonly kind: string;
  readonly spec: {
    readonly selector?: { readonly matchLabels?: object };
    readonly podSelector?: { readonly matchLabels: object };
    readonly ports?: readonly { readonly targetPort: string }[];
    readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[];
    readonly template?: {
      readonly metadata: { readonly labels: { readonly [name: string]: string } };
      readonly spec: {
        readonly volumes?: readonly { readonly name: string }[];
        readonly containers: readonly {
          readonly ports: readonly { readonly name: string }[];
          readonly volumeMounts: readonly { readonly name: string }[];
        }[];
      };
    };
  };
}

const read = (...path: string[]): string => readFileSync(join(repository, ...path), 'utf8');
const settings = read('docs', 'configuration.md');

/** The settings that a file names; each must be one that there is. */
function settingsIn(text: string): string[] {
  return [...new Set([...text.matchAll(/\bERRAND_[A-Z_]+\b/g)].map(([name]) => name.replace(/_FILE$/, '')))];
}

it.each([
  'Dockerfile',
  'deploy/compose.yaml',
  'deploy/cluster/compose.yaml',
  'deploy/cluster/kubernetes.yaml',
  'deploy/systemd/errand.service',
  'deploy/helm/templates/statefulset.yaml',
])('%s names settings that there are', (file) => {
  const named = settingsIn(read(file));
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((name) => !settings.includes(`\`${name}\``))).toEqual([]);
});

describe('the Dockerfile', () => {
  const text = read('Dockerfile');

  it('ends as a user without rights, with a Node that Errand runs on, and starts it as process 1', () => {
    const last = text.split(/^FROM /m).at(-1) ?? '';
    expect(last).toMatch(/^USER 1000:1000$/m);
    expect(last.slice(last.indexOf('\nUSER '))).not.toMatch(/^(?:RUN|USER root|ADD|COPY)/m);
    expect(text).toMatch(/^ARG NODE_IMAGE=node:24-bookworm-slim$/m);
    // As a list: a shell in between would keep the signals to itself.
    expect(last).toMatch(/^ENTRYPOINT \["node", "\/app\/node_modules\/errand\/dist\/cli\/main\.js"\]$/m);
    for (const label of ['title', 'description', 'licenses', 'version']) {
      expect(last).toContain(`org.opencontainers.image.${label}=`);
    }
  });

  it('copies only what there is and what .dockerignore lets through', () => {
    const passed = read('.dockerignore')
      .split('\n')
      .flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
    const copied = [...text.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, paths = '']) => paths.split(' '));
    const names = new Set([...readdirSync(repository), '.']);
    for (const path of [...copied, ...passed]) expect(names).toContain(path.split('/')[0]);
    const { files } = JSON.parse(read('package.json')) as { files: readonly string[] };
    for (const name of files
      .map((file) => file.split('/')[0] ?? '')
      .filter((top) => /^\w/.test(top) && top !== 'dist')) {
      expect(passed).toContain(name);
    }
  });

  describe('with its health check', () => {
    const check = /HEALTHCHECK[\s\S]*?CMD (\[.*\])$/m.exec(text)?.[1] ?? '[]';
    const [, ...args] = JSON.parse(check) as string[];
    let data: string;
    let server: ServerProcess;

    beforeAll(async () => {
      data = mkdtempSync(join(tmpdir(), 'errand-health-'));
      server = await ServerProcess.start({ data });
    });
    afterAll(async () => {
      await server.end('SIGKILL');
      rmSync(data, { recursive: true, force: true });
    });

    const isHealthy = async (port: string): Promise<boolean> => {
      const child = spawn(process.execPath, args, { env: { ERRAND_PORT: port } });
      return (await once(child, 'exit'))[0] === 0;
    };

    it('tells a server that answers from one that does not', async () => {
      const { port } = new URL(server.url);
      expect(await isHealthy(port)).toBe(true);
      await server.end('SIGTERM');
      expect(await isHealthy(port)).toBe(false);
    });
  });
});

describe('deploy/compose.yaml', () => {
  it('runs read-only, without capabilities, with its data in a volume', () => {
    const { services, volumes } = parse(read('deploy', 'compose.yaml')) as {
      services: { errand: { [field: string]: unknown } };
      volumes: object;
    };
    expect(services.errand).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
    expect(volumes).toHaveProperty('data');
  });
});

describe('deploy/cluster', () => {
  it('has services whose secrets, networks and volumes there are, and publishes no port of Restate or Postgres', () => {
    const file = parse(read('deploy', 'cluster', 'compose.yaml')) as {
      services: { [name: string]: { [field: string]: unknown } };
      [kind: string]: { [name: string]: unknown };
    };
    for (const [name, service] of Object.entries(file.services)) {
      for (const kind of ['secrets', 'networks'] as const) {
        for (const used of (service[kind] ?? []) as string[]) expect(file[kind]).toHaveProperty(used);
      }
      const sources = ((service['volumes'] ?? []) as string[]).map((mount) => mount.split(':')[0] ?? '');
      for (const source of sources.filter((each) => /^\w/.test(each))) expect(file['volumes']).toHaveProperty(source);
      expect([name, service['ports']]).toEqual([name, name === 'balancer' ? ['127.0.0.1:8787:8787'] : undefined]);
    }
    expect(file['networks']?.['back']).toEqual({ internal: true });
    expect(file.services['errand']).toMatchObject({ read_only: true, cap_drop: ['ALL'], deploy: { replicas: 3 } });
    const { peerDependencies } = JSON.parse(read('package.json')) as { peerDependencies: Record<string, string> };
    const sdk = '@restatedev/restate-sdk';
    expect(read('deploy', 'cluster', 'Dockerfile')).toContain(`${sdk}@${peerDependencies[sdk]}\n`);
  });

  it('has manifests whose selectors, ports and mounts name what there is', () => {
    const documents = parseAllDocuments(read('deploy', 'cluster', 'kubernetes.yaml'));
    expect(documents.flatMap(({ errors }) => errors)).toEqual([]);
    const objects = documents.map((document) => document.toJS() as KubernetesObject);
    const workloads = objects.filter(({ spec }) => spec.template !== undefined);
    expect(workloads.map(({ kind }) => kind)).toEqual(['Deployment', 'StatefulSet']);
    const names = workloads.map(({ spec }) => spec.template?.metadata.labels['app.kubernetes.io/name']);
    for (const { kind, spec } of objects) {
      const selector = spec.podSelector?.matchLabels ?? spec.selector?.matchLabels ?? spec.selector;
      expect(names).toContain((selector as Record<string, string>)['app.kubernetes.io/name']);
      if (kind !== 'Service') continue;
      const ports = workloads.flatMap((one) => one.spec.template?.spec.containers[0]?.ports ?? []);
      for (const { targetPort } of spec.ports ?? []) expect(ports.map(({ name }) => name)).toContain(targetPort);
    }
    for (const { spec } of workloads) {
      const volumes = [
        ...(spec.template?.spec.volumes ?? []),
        ...(spec.volumeClaimTemplates ?? []).map(({ metadata }) => metadata),
      ];
      for (const { name } of spec.template?.spec.containers[0]?.volumeMounts ?? []) {
        expect(volumes.map((volume) => volume.name)).toContain(name);
      }
    }
  });

  it('asks at the ports that Errand listens at whether a process answers', () => {
    const text = read('deploy', 'cluster', 'haproxy.cfg');
    expect(text).toMatch(/^ {2}server-template errand 8 errand:9080 port 8787$/m);
    expect(text).toMatch(/on-marked-down shutdown-sessions/);
  });

  const haproxy = spawnSync('haproxy', ['-v']).status === 0;
  it.skipIf(!haproxy)('has a configuration that HAProxy takes', () => {
    expect(spawnSync('haproxy', ['-c', '-f', join(repository, 'deploy', 'cluster', 'haproxy.cfg')]).status).toBe(0);
  });
});

describe('deploy/systemd/errand.service', () => {
  it('is ready when the server says so, which it does by systemd-notify', async () => {
    expect(read('deploy', 'systemd', 'errand.service')).toMatch(/^Type=notify\nNotifyAccess=all$/m);
    const folder = mkdtempSync(join(tmpdir(), 'errand-notify-'));
    try {
      const said = join(folder, 'said');
      const fake = `#!/bin/sh\necho "$NOTIFY_SOCKET $*" >> '${said}'\n`;
      writeFileSync(join(folder, 'systemd-notify'), fake, { mode: 0o755 });
      const env = { NOTIFY_SOCKET: '/run/of/a/test', PATH: `${folder}:${process.env['PATH']}` };
      const server = await ServerProcess.start({ data: join(folder, 'data'), env });
      const lines = (): string[] => (existsSync(said) ? readFileSync(said, 'utf8').trim().split('\n') : []);
      await expect.poll(lines).toEqual([`/run/of/a/test READY=1 STATUS=Serves on ${server.url}`]);
      expect(await server.end('SIGTERM')).toBe(0);
      expect(lines().slice(1)).toEqual(['/run/of/a/test STOPPING=1']);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  const canVerify = spawnSync('systemd-analyze', ['--version']).status === 0;

  it.skipIf(!canVerify)('is a unit that systemd takes, and hardly exposed', () => {
    const folder = mkdtempSync(join(tmpdir(), 'errand-unit-'));
    try {
      const unit = join(folder, 'errand.service');
      writeFileSync(
        unit,
        read('deploy', 'systemd', 'errand.service').replaceAll('/opt/errand/node_modules/.bin/errand', '/bin/true'),
      );
      const verified = spawnSync('systemd-analyze', ['verify', unit], { encoding: 'utf8' });
      expect([verified.status, verified.stderr]).toEqual([0, '']);
      const exposed = spawnSync('systemd-analyze', ['security', '--offline=yes', '--threshold=20', unit]);
      expect(exposed.status).toBe(0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('the Helm chart', () => {
  const chart = parse(read('deploy', 'helm', 'Chart.yaml')) as { version: string; appVersion: string };
  const values = parse(read('deploy', 'helm', 'values.yaml')) as { [name: string]: object };
  const folder = join(repository, 'deploy', 'helm', 'templates');
  const names = readdirSync(folder);
  const templates = names.map((name) => readFileSync(join(folder, name), 'utf8'));
  const check = new Ajv({ strict: false, allErrors: true }).compile(
    JSON.parse(read('deploy', 'helm', 'values.schema.json')) as object,
  );

  /** What Helm would send to the cluster, by kind. */
  function render(given: object): { readonly [kind: string]: Manifest } {
    const context = {
      Values: { ...values, ...given },
      Release: { Name: 'work', Namespace: 'prod' },
      Chart: { AppVersion: chart.appVersion },
    };
    const texts = renderTemplates(templates, context).filter((_, index) => names[index]?.endsWith('.yaml'));
    const manifests = texts.map((text) => parse(text) as Manifest | null).filter((each) => each !== null);
    return Object.fromEntries(manifests.map((manifest) => [manifest.kind, manifest]));
  }

  it('has values that fit their schema, and a schema that knows them all', () => {
    expect([check(values), check.errors]).toEqual([true, null]);
    expect(check({ ...values, replicas: 2 })).toBe(false);
    const { properties } = JSON.parse(read('deploy', 'helm', 'values.schema.json')) as { properties: object };
    expect(
      Object.keys(properties)
        .filter((name) => name !== 'global')
        .toSorted(),
    ).toEqual(Object.keys(values).toSorted());
    expect(chart.appVersion).toBe((JSON.parse(read('package.json')) as { version: string }).version);
  });

  it('runs one pod, not as root, read-only, with probes, and settings that the server takes', () => {
    const { spec } = render({ publicUrl: 'https://errand.example.org', env: { ERRAND_MAX_ACTIVE_RUNS: 50 } })[
      'StatefulSet'
    ]!;
    expect(spec.replicas).toBe(1);
    const { containers, securityContext, volumes } = spec.template.spec;
    const container = containers[0]!;
    expect(securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000 });
    expect(container.image).toBe(`errand:${chart.appVersion}`);
    expect(container.securityContext).toMatchObject({ readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } });
    expect(
      [container.startupProbe, container.livenessProbe, container.readinessProbe].map(({ httpGet }) => httpGet.path),
    ).toEqual(['/healthz', '/healthz', '/readyz']);
    const env = Object.fromEntries(container.env.map(({ name, value }) => [name, value]));
    expect(loadConfig({ env })).toMatchObject({
      port: 8787,
      publicUrl: 'https://errand.example.org',
      maxActiveRuns: 50,
      metrics: { host: '0.0.0.0', port: 9464 },
    });
    const mounted = container.volumeMounts.map(({ name }) => name);
    expect(mounted.toSorted()).toEqual([...volumes.map(({ name }) => name), 'data'].toSorted());
  });

  it('has everything that its values ask for, and nothing that they do not', () => {
    expect(Object.keys(render({})).toSorted()).toEqual([
      'NetworkPolicy',
      'PodDisruptionBudget',
      'Service',
      'StatefulSet',
    ]);
    const all = render({
      serviceMonitor: { enabled: true, interval: '10s' },
      existingSecret: 'errand-key',
      envFromSecrets: ['models'],
      workflows: { configMap: 'flows', existingClaim: '' },
    });
    expect(all['ServiceMonitor']!.spec.endpoints).toEqual([{ port: 'metrics', path: '/metrics', interval: '10s' }]);
    const { containers, volumes } = all['StatefulSet']!.spec.template.spec;
    expect(containers[0]!.envFrom).toEqual([{ secretRef: { name: 'models' } }]);
    expect(volumes).toContainEqual({ name: 'workflows', configMap: { name: 'flows' } });
    expect(volumes).toContainEqual({ name: 'secret', secret: { secretName: 'errand-key' } });
    const none = render({ metrics: { enabled: false, port: 9464 }, podDisruptionBudget: {}, networkPolicy: {} });
    expect(Object.keys(none).toSorted()).toEqual(['Service', 'StatefulSet']);
    expect(none['Service']!.spec.ports).toHaveLength(1);
  });

  it('selects by the labels that its pods bear', () => {
    const all = render({ serviceMonitor: { enabled: true, interval: '10s' } });
    const { labels } = all['StatefulSet']!.spec.template.metadata;
    expect(all['Service']!.spec.selector).toEqual(labels);
    expect(all['NetworkPolicy']!.spec.podSelector.matchLabels).toEqual(labels);
    expect(all['PodDisruptionBudget']!.spec.selector.matchLabels).toEqual(labels);
    expect(all['ServiceMonitor']!.spec.selector.matchLabels).toEqual(all['Service']!.metadata.labels);
  });

  const helm = spawnSync('helm', ['version']).status === 0;
  it.skipIf(!helm)('is good for helm itself', () => {
    expect(spawnSync('helm', ['lint', '--strict', join(repository, 'deploy', 'helm')]).status).toBe(0);
  });
});
