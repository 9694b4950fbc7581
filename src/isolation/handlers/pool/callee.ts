import type { HandlerContext } from '../../../core/handlers/node-kind.js';

/** Where a handler is: a module, its export, and the node in it when that is a workflow. */
export interface HandlerPlace {
  readonly file: string;
  readonly export: string;
  readonly nodeId: string | null;
}

/** A handler that calls are made to. */
export class Callee {
  readonly place: HandlerPlace;
  /** What it was last called for: mostly the same again. To put the text together, and to hash it, is dear. */
  #organizationId = '';
  #workflowId = '';
  #nodeId = '';
  #source = '';

  constructor(place: HandlerPlace) {
    this.place = place;
  }

  /** See `Task.source`. */
  sourceOf({ organization, run, node }: HandlerContext): string {
    const isSame = organization.id === this.#organizationId && run.workflowId === this.#workflowId;
    if (isSame && node.id === this.#nodeId) return this.#source;
    this.#organizationId = organization.id;
    this.#workflowId = run.workflowId;
    this.#nodeId = node.id;
    const item = node.id.indexOf('/');
    const nodeId = item === -1 ? node.id : node.id.slice(0, item);
    this.#source = `${this.groupOf(organization.id)}\n${run.workflowId}\n${nodeId}\n${this.place.export}`;
    return this.#source;
  }

  /** See `Task.group`. */
  groupOf(organizationId: string): string {
    return `${organizationId}\n${this.place.file}`;
  }
}
