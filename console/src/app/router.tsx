import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { RUN_STATUSES } from '@core/run/run.js';
import type { RunFilters } from '../api/queries.js';
import { consoleUrl } from '../api/client.js';
import { NotFound, ScreenError } from './faults.js';
import { Shell } from './shell.js';

const rootRoute = createRootRoute({ component: Shell, notFoundComponent: NotFound, errorComponent: ScreenError });

const overviewRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  component: lazyRouteComponent(() => import('../screens/overview/overview-screen.js'), 'OverviewScreen'),
});

const workflowsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/workflows',
  component: lazyRouteComponent(() => import('../screens/workflows/workflows-screen.js'), 'WorkflowsScreen'),
});

const workflowRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/workflows/$workflowId',
  component: lazyRouteComponent(() => import('../screens/workflows/workflow-screen.js'), 'WorkflowScreen'),
});

const connectRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/connect',
  component: lazyRouteComponent(() => import('../screens/connect/connect-screen.js'), 'ConnectScreen'),
});

const organizationRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/organization',
  component: lazyRouteComponent(() => import('../screens/organization/organization-screen.js'), 'OrganizationScreen'),
});

const runsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/runs',
  validateSearch: readFilters,
  component: lazyRouteComponent(() => import('../screens/runs/runs-screen.js'), 'RunsScreen'),
});

const runRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/runs/$runId',
  validateSearch: readRunSearch,
  component: lazyRouteComponent(() => import('../screens/run/run-screen.js'), 'RunScreen'),
});

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    overviewRoute,
    runsRoute,
    runRoute,
    workflowsRoute,
    workflowRoute,
    connectRoute,
    organizationRoute,
  ]),
  basepath: new URL(consoleUrl).pathname,
  defaultPreload: 'intent',
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

/** What somebody has put into the address that makes no sense is passed over. */
function readFilters(search: Record<string, unknown>): RunFilters {
  const status = RUN_STATUSES.find((known) => known === search['status']);
  const { workflow, before } = search;
  return {
    ...(status === undefined ? {} : { status }),
    ...(typeof workflow === 'string' ? { workflow } : {}),
    ...(typeof before === 'string' ? { before } : {}),
  };
}

export const RUN_VIEWS = ['timeline', 'log', 'data'] as const;
export type RunView = (typeof RUN_VIEWS)[number];

export interface RunSearch {
  readonly view?: RunView;
  /** The node whose details are shown. */
  readonly node?: string;
}

function readRunSearch(search: Record<string, unknown>): RunSearch {
  const view = RUN_VIEWS.find((known) => known === search['view']);
  const { node } = search;
  return { ...(view === undefined ? {} : { view }), ...(typeof node === 'string' ? { node } : {}) };
}
