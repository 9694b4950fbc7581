import { driveWithOne } from './restate/drive.mjs';

export const start = driveWithOne;
