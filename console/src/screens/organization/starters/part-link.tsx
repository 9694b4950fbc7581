import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { text } from '../../../text/en.js';

const t = text.organization.allOf;

/** From what is of one workflow to all of the organization. */
export function PartLink({ part }: { readonly part: keyof typeof t }): ReactNode {
  return (
    <Link to="/organization" search={{ part }} className="text-sm">
      {t[part]}
    </Link>
  );
}
