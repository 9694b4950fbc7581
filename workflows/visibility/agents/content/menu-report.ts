import type { HandlerContext } from 'errand';
import { describeFailed, describeNext, type EndedAgent, mergeReports } from '../../lib/reports/merge-reports.js';
import type { AgentReport } from '../../lib/reports/issue.js';
import type { Profile } from '../../lib/profile.js';
import type { DraftedService } from './draft-service.js';
import type { EditedMenu } from './menu-editor.js';
import type { Menu } from './menu-reader.js';

export interface MenuReportInput {
  readonly profile: Profile;
  readonly reader: EndedAgent<Menu>;
  readonly writer: { readonly drafts: readonly DraftedService[] | null; readonly error: EndedAgent['error'] };
  readonly editor: EndedAgent<EditedMenu>;
}

/** Puts what the site says and what it might say side by side. */
export default function menuReport({ input }: Pick<HandlerContext<MenuReportInput>, 'input'>): object {
  const { profile, reader, writer, editor } = input;
  const drafts = writer.drafts ?? [];
  const written: AgentReport<null> = {
    score: null,
    findings: `${drafts.length} of ${profile.business.services.length} texts drafted.`,
    issues: [],
    details: null,
  };
  const all: EndedAgent[] = [
    reader,
    {
      role: 'service-writer',
      label: 'Service Writer',
      report: writer.drafts === null ? null : written,
      error: writer.error,
    },
    editor,
  ];
  const merged = mergeReports(all);
  const told = [reader.report?.findings, editor.report?.findings].filter((each) => each !== undefined);
  const menu = editor.report?.details ?? null;
  return {
    summary: `${told.join(' ')} ${describeNext(merged.issues, 2)}${describeFailed(all)}`,
    result: {
      business: profile.business.name,
      ...merged,
      services: profile.business.services.map((service) => ({
        service,
        now: reader.report?.details.entries.find((entry) => entry.service === service) ?? null,
        draft: drafts.find((draft) => draft.service === service) ?? null,
      })),
      menu: menu === null ? null : { markdown: menu.markdown, json_ld: menu.offers, script: menu.script },
    },
  };
}
