import { ApiError } from 'koanatomy';
import type { CaseRecord, CaseStore } from '../backend/CaseStore.js';
import { CASE_STATUSES, type CaseStatus } from '../backend/schema.js';

/** The statuses in the order of the workflow: a case moves forwards, and may skip some. */
export const WORKFLOW = CASE_STATUSES;

export type Case = CaseRecord;
export type { CaseStatus };

/** What a case is opened with. */
export interface NewCase {
  readonly title: string;
  readonly description?: string | null | undefined;
}

/** Which cases to list. */
export interface CaseFilter {
  readonly limit: number;
  /** Those after this id alone; 0 for all. */
  readonly after: number;
  readonly status?: CaseStatus | undefined;
}

/** Some of the cases, and where the next ones begin. */
export interface CaseList {
  readonly cases: readonly Case[];
  /** What to list `after` for the next ones; null where there are none. */
  readonly next: number | null;
}

/** What can be done with cases. Every failure is an ApiError with the message that the client gets. */
export class CaseService {
  readonly #store: CaseStore;

  constructor(store: CaseStore) {
    this.#store = store;
  }

  /** Opens a case; it starts at the beginning of the workflow. */
  create({ title, description = null }: NewCase): Promise<Case> {
    return orFail('Failed to create case in database.', this.#store.insert(title, description));
  }

  /** @throws ApiError 404 */
  async find(id: number): Promise<Case> {
    const found = await orFail(RETRIEVE_FAILED, this.#store.find(id));
    if (found === undefined) throw new ApiError(404, `A case with id ${id} does not exist`);
    return found;
  }

  /** Cases by rising id, so that new ones come on the last page and none is seen twice. */
  async list({ limit, after, status }: CaseFilter): Promise<CaseList> {
    // One more than asked for tells whether there are more.
    const found = await orFail(
      'Failed to retrieve cases from database.',
      this.#store.list(limit + 1, after, status),
    );
    const cases = found.slice(0, limit);
    return { cases, next: found.length > limit ? (cases.at(-1)?.id ?? null) : null };
  }

  /**
   * Moves a case forwards.
   *
   * Reading, deciding and writing are not one step, so the write asks for the status that was decided upon.
   * Where another change came between, the new status is decided upon; as statuses only rise, that ends after
   * as many rounds as there are statuses.
   *
   * @throws ApiError 404, or 400 where it is there already or further
   */
  async changeStatus(id: number, newStatus: CaseStatus): Promise<Case> {
    for (;;) {
      const { status } = await this.find(id);
      if (WORKFLOW.indexOf(newStatus) <= WORKFLOW.indexOf(status)) {
        throw new ApiError(400, 'Cannot move backwards in the case workflow');
      }
      const changed = await orFail(
        'Failed to update case status.',
        this.#store.replaceStatus(id, status, newStatus),
      );
      if (changed !== undefined) return changed;
    }
  }
}

const RETRIEVE_FAILED = 'Failed to retrieve case from database.';

/** What the database threw goes into the log as the cause; the client gets the message alone. */
async function orFail<T>(message: string, result: Promise<T>): Promise<T> {
  try {
    return await result;
  } catch (cause) {
    throw new ApiError(500, message, { cause });
  }
}
