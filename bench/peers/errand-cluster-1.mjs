import { clusterOf } from '../cluster/errand-cluster.mjs';

export const start = clusterOf(1);
