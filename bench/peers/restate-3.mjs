import { driveWithMany } from './restate/drive.mjs';

export const start = ({ folder }) => driveWithMany({ folder, size: 3 });
