import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { consoleUrl } from '../api/client.js';
import { NotFound, ScreenError } from './faults.js';
import { readOrganizationSearch } from './organization-search.js';
import { readFilters } from './run-filters.js';
import { readRunSearch } from './run-search.js';
import { Shell } from './shell.js';
import { loadPart } from './stale-page.js';

const rootRoute = createRootRoute({ component: Shell, notFoundComponent: NotFound, errorComponent: ScreenError });

const overviewRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  component: lazyRouteComponent(
    () => loadPart(() => import('../screens/overview/overview-screen.js')),
    'OverviewScreen',
  ),
});

const workflowsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/workflows',
  component: lazyRouteComponent(
    () => loadPart(() => import('../screens/workflows/workflows-screen.js')),
    'WorkflowsScreen',
  ),
});

const workflowRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/workflows/$workflowId',
  component: lazyRouteComponent(
    () => loadPart(() => import('../screens/workflows/workflow-screen.js')),
    'WorkflowScreen',
  ),
});

const draftRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/drafts/$draftId',
  validateSearch: ({ from }: Record<string, unknown>): { readonly from?: string } =>
    typeof from === 'string' ? { from } : {},
  component: lazyRouteComponent(() => loadPart(() => import('../screens/editor/editor-screen.js')), 'EditorScreen'),
});

const connectRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/connect',
  component: lazyRouteComponent(() => loadPart(() => import('../screens/connect/connect-screen.js')), 'ConnectScreen'),
});

const organizationRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/organization',
  validateSearch: readOrganizationSearch,
  component: lazyRouteComponent(
    () => loadPart(() => import('../screens/organization/organization-screen.js')),
    'OrganizationScreen',
  ),
});

const systemRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/system',
  component: lazyRouteComponent(() => loadPart(() => import('../screens/system/system-screen.js')), 'SystemScreen'),
});

const runsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/runs',
  validateSearch: readFilters,
  component: lazyRouteComponent(() => loadPart(() => import('../screens/runs/runs-screen.js')), 'RunsScreen'),
});

const bulkJobsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/bulk-jobs',
  component: lazyRouteComponent(
    () => loadPart(() => import('../screens/bulk-jobs/bulk-jobs-screen.js')),
    'BulkJobsScreen',
  ),
});

const bulkJobRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/bulk-jobs/$jobId',
  component: lazyRouteComponent(
    () => loadPart(() => import('../screens/bulk-jobs/bulk-job-screen.js')),
    'BulkJobScreen',
  ),
});

const designRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/design',
  component: lazyRouteComponent(() => loadPart(() => import('../screens/design/design-screen.js')), 'DesignScreen'),
});

const runRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/runs/$runId',
  validateSearch: readRunSearch,
  component: lazyRouteComponent(() => loadPart(() => import('../screens/run/run-screen.js')), 'RunScreen'),
});

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    overviewRoute,
    runsRoute,
    runRoute,
    bulkJobsRoute,
    bulkJobRoute,
    designRoute,
    workflowsRoute,
    workflowRoute,
    draftRoute,
    connectRoute,
    organizationRoute,
    systemRoute,
  ]),
  basepath: new URL(consoleUrl).pathname,
  defaultPreload: 'intent',
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
