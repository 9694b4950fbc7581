import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { RunEvent } from '../../core/run/events.js';
import type { Run } from '../../core/run/run.js';
import { type Counter, Registry } from './registry.js';
import { RunMetrics, type WorkflowTotals } from './run-metrics.js';

/** Seconds, of what is answered at once. */
const SHORT = [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** How many runs and nodes are in which state just now. */
export interface EngineCounts {
  readonly active: number;
  readonly queued: number;
  readonly parked: number;
  /** Nodes that wait for a slot. */
  readonly heldUp: number;
}

export interface AnsweredRequest {
  readonly method: string;
  /** The path as it is declared, with the names of its parameters; null where nothing is served. */
  readonly route: string | null;
  readonly status: number;
  readonly seconds: number;
}

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** All that is counted of a server. */
export class ServerMetrics {
  readonly registry = new Registry();
  readonly #runs: RunMetrics;
  readonly #requests;
  readonly #requestTime;
  readonly #mcp;
  readonly #hooks;
  readonly #deliveries;
  readonly #deliveryTime;
  readonly #commits;
  readonly #commitTime;
  readonly #delay = monitorEventLoopDelay({ resolution: 20 });
  #counts: () => EngineCounts = () => ({ active: 0, queued: 0, parked: 0, heldUp: 0 });

  constructor({ version }: { readonly version: string }) {
    const registry = this.registry;
    registry.gauge('errand_build_info', 'Which program this is.', ['version', 'node'], () => [
      [[version, process.versions.node], 1],
    ]);
    registry.gauge(
      'errand_runs',
      'Unfinished runs, by what they do: active, queued, or parked until a moment, an answer or another run.',
      ['state'],
      () => this.#runStates(),
    );
    registry.gauge('errand_nodes_held_up', 'Nodes that wait for a slot.', [], () => [[[], this.#counts().heldUp]]);
    this.#runs = new RunMetrics(registry);
    this.#requests = registry.counter(
      'errand_http_requests_total',
      'Requests that were answered.',
      'method',
      'route',
      'status',
    );
    this.#requestTime = registry.histogram(
      'errand_http_request_seconds',
      'How long requests took, streams and waits included.',
      SHORT,
      'route',
    );
    this.#mcp = registry.counter('errand_mcp_requests_total', 'MCP requests, by method.', 'method');
    this.#hooks = registry.counter(
      'errand_hook_requests_total',
      'Requests to hooks, by what became of them.',
      'outcome',
    );
    this.#deliveries = registry.counter(
      'errand_webhook_attempts_total',
      'Attempts to deliver messages to webhooks and callbacks, by what became of the message.',
      'outcome',
    );
    this.#deliveryTime = registry.histogram(
      'errand_webhook_attempt_seconds',
      'How long webhooks and callbacks took to answer.',
      SHORT,
    );
    this.#commits = registry.counter('errand_store_commits_total', 'Commits of runs.', 'outcome');
    this.#commitTime = registry.histogram(
      'errand_store_commit_seconds',
      'From the wish to commit until it is durable.',
      SHORT,
    );
    this.#addProcess();
    this.#delay.enable();
  }

  /** Whom the gauges of runs ask. */
  setEngine(counts: () => EngineCounts): void {
    this.#counts = counts;
  }

  observeRun(run: Run, events: readonly RunEvent[]): void {
    this.#runs.observe(run, events);
  }

  observeRequest({ method, route, status, seconds }: AnsweredRequest): void {
    const told = route ?? 'none';
    this.#requests.add(1, METHODS.has(method) ? method : 'other', told, status === 0 ? 'cut' : String(status));
    this.#requestTime.observe(seconds, told);
  }

  /** `method`: null for one that is not known. */
  observeMcp(method: string | null): void {
    this.#mcp.add(1, method ?? 'unknown');
  }

  observeHook(outcome: string): void {
    this.#hooks.add(1, outcome);
  }

  observeDelivery(outcome: string, seconds: number): void {
    this.#deliveries.add(1, outcome);
    this.#deliveryTime.observe(seconds);
  }

  observeCommit(outcome: string, seconds: number): void {
    this.#commits.add(1, outcome);
    this.#commitTime.observe(seconds);
  }

  /** What was counted since the start. */
  totals(): { readonly requests: number; readonly commits: number; readonly workflows: readonly WorkflowTotals[] } {
    return { requests: sum(this.#requests), commits: sum(this.#commits), workflows: this.#runs.totals() };
  }

  get counts(): EngineCounts {
    return this.#counts();
  }

  render(): string {
    const text = this.registry.render();
    // The next reading tells of the time since this one.
    this.#delay.reset();
    return text;
  }

  close(): void {
    this.#delay.disable();
  }

  #runStates(): readonly (readonly [readonly string[], number])[] {
    const { active, queued, parked } = this.#counts();
    return [
      [['active'], active],
      [['queued'], queued],
      [['parked'], parked],
    ];
  }

  #addProcess(): void {
    const registry = this.registry;
    const delay = this.#delay;
    const seconds = (nanoseconds: number): number => (Number.isFinite(nanoseconds) ? nanoseconds / 1e9 : 0);
    registry.gauge(
      'errand_event_loop_delay_seconds',
      'How late the event loop was since the last reading.',
      ['point'],
      () => [
        [['p50'], seconds(delay.percentile(50))],
        [['p99'], seconds(delay.percentile(99))],
        [['max'], seconds(delay.max)],
      ],
    );
    registry.gauge('errand_process_resident_bytes', 'Memory of the server, without its processes.', [], () => [
      [[], process.memoryUsage.rss()],
    ]);
    registry.gauge('errand_process_uptime_seconds', 'Since the server was started.', [], () => [
      [[], process.uptime()],
    ]);
    registry.gauge('errand_process_cpu_seconds', 'Processor time of the server.', ['mode'], () => {
      const { user, system } = process.cpuUsage();
      return [
        [['user'], user / 1e6],
        [['system'], system / 1e6],
      ];
    });
  }
}

function sum(counter: Counter): number {
  let total = 0;
  for (const [, count] of counter.samples()) total += count;
  return total;
}
