import { BeanParam, GET, Path, PathParam, POST, PUT, Reply } from 'koanatomy';
import { CaseService } from '../services/CaseService.js';
import { CaseDraft } from './CaseDraft.js';
import { CasePage } from './CasePage.js';
import { StatusChange } from './StatusChange.js';

@Path('/cases')
export class CaseController {
  constructor(private readonly cases: CaseService) {}

  @POST
  async create(draft: CaseDraft) {
    const created = await this.cases.create(draft);
    return Reply.created(`/cases/${created.id}`, created);
  }

  @GET
  list(@BeanParam() page: CasePage) {
    return this.cases.list(page);
  }

  @GET
  @Path('/{id: [0-9]+}')
  find(@PathParam('id', { integer: true }) id: number) {
    return this.cases.find(id);
  }

  @PUT
  @Path('/{id: [0-9]+}/status')
  changeStatus(@PathParam('id', { integer: true }) id: number, change: StatusChange) {
    return this.cases.changeStatus(id, change.status);
  }
}
