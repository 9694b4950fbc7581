import type { CliOption } from '../../command/command.js';

export const organizationOption: CliOption = {
  flags: '--organization <slug>',
  description: "another organization than the key's own; needs a key with the scope operate",
};
