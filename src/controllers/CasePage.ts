import { Max, Min } from 'class-validator';
import { QueryParam } from 'koanatomy';
import { type CaseStatus, WORKFLOW } from '../services/CaseService.js';

/** Which cases a client wants: `?limit=20&after=57&status=new`. */
export class CasePage {
  @QueryParam('limit', { integer: true })
  @Min(1)
  @Max(100)
  limit: number = 20;

  @QueryParam('after', { integer: true })
  @Min(0)
  after: number = 0;

  @QueryParam('status', { enum: WORKFLOW })
  status?: CaseStatus;
}
