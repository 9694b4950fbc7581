/** Local-business visibility: six workflows over one profile. docs/visibility.md tells what each does. */
export { aiShopCheckup } from './definitions/ai-shop-checkup.js';
export { competitiveScan } from './definitions/competitive-scan.js';
export { contentRefresh } from './definitions/content-refresh.js';
export { fixVisibility } from './definitions/fix-visibility.js';
export { fullService } from './definitions/full-service.js';
export { reputationShield } from './definitions/reputation-shield.js';
