import { IsIn } from 'class-validator';
import { type CaseStatus, WORKFLOW } from '../services/CaseService.js';

/** What a client sends to move a case. */
export class StatusChange {
  @IsIn(WORKFLOW)
  status!: CaseStatus;
}
