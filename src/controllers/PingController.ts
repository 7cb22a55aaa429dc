import { GET, Path } from 'koanatomy';

@Path('/test')
export class PingController {
  @GET
  @Path('/ping')
  ping() {
    return { ping: 'pong' };
  }
}
