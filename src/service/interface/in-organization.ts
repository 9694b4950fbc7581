/** Names another organization by its slug or id; needs the scope `operate`. The caller's own when not given. */
export interface InOrganization {
  readonly organization?: string;
}
