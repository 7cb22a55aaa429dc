import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ControllerSource, createApp, GET, Path, StartupError } from 'koanatomy';
import request from 'supertest';
import { describe, expect, it } from 'vitest';

const FIXTURES = join(import.meta.dirname, '../fixtures');

@Path('/own')
class OwnController {
  constructor(private readonly word = 'made by the container') {}
  @GET
  get() {
    return { word: this.word };
  }
}

async function paths(controllers: ControllerSource | ControllerSource[]) {
  const app = await createApp({ controllers, logger: false });
  return app.routes.map((route) => route.path);
}

async function findings(controllers: ControllerSource | ControllerSource[]) {
  const error = await createApp({ controllers, logger: false }).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(StartupError);
  return (error as StartupError).findings;
}

describe('controllers are found', () => {
  it('in a directory and below, without tests, declaration files and source maps', async () => {
    expect(await paths(join(FIXTURES, 'controllers'))).toEqual(['/alpha', '/beta']);
  });

  it('in a directory given as a URL', async () => {
    expect(await paths(pathToFileURL(`${FIXTURES}/controllers/`))).toEqual(['/alpha', '/beta']);
    expect(await paths(pathToFileURL(`${FIXTURES}/controllers`).href)).toEqual(['/alpha', '/beta']);
  });

  it('by a glob, relative to the working directory', async () => {
    expect(await paths('test/fixtures/controllers/*Controller.ts')).toEqual(['/alpha']);
    expect(await paths('test/fixtures/**/nested/*.ts')).toEqual(['/alpha', '/beta']);
  });

  it('by a file', async () => {
    expect(await paths('test/fixtures/controllers/AlphaController.ts')).toEqual(['/alpha']);
  });

  it('as classes and as instances, and a list may mix all of these', async () => {
    expect(await paths(OwnController)).toEqual(['/own']);
    const controllers = [join(FIXTURES, 'controllers'), new OwnController('made by hand')];
    expect(await paths(controllers)).toEqual(['/alpha', '/beta', '/own']);
    const app = await createApp({ controllers, logger: false });
    expect((await request(app.callback()).get('/own')).body).toEqual({ word: 'made by hand' });
  });

  it('once, however often they are named or exported', async () => {
    const directory = join(FIXTURES, 'controllers');
    expect(await paths([directory, directory, 'test/fixtures/controllers/*Controller.ts'])).toEqual([
      '/alpha',
      '/beta',
    ]);
  });

  it('through an importer of the user’s own', async () => {
    const urls: string[] = [];
    const load = async (url: string) => {
      urls.push(url);
      return { OwnController };
    };
    const app = await createApp({ controllers: join(FIXTURES, 'none'), load, logger: false });
    expect(app.routes.map((route) => route.path)).toEqual(['/own']);
    expect(urls).toEqual([pathToFileURL(join(FIXTURES, 'none/helper.ts')).href]);
  });
});

describe('the application does not start', () => {
  it('where a directory has no file that could be a controller', async () => {
    const [only] = await findings(join(FIXTURES, 'empty'));
    expect(only).toMatchObject({ code: 'no-controllers', where: join(FIXTURES, 'empty') });
  });

  it('where no file of a directory exports a controller', async () => {
    expect((await findings(join(FIXTURES, 'none')))[0]).toMatchObject({ code: 'no-controllers' });
  });

  it('where there is no such directory, and where a glob matches nothing', async () => {
    expect((await findings('no/such/folder'))[0]).toMatchObject({
      code: 'no-controllers',
      where: 'no/such/folder',
    });
    expect((await findings('no/such/*.ts'))[0]).toMatchObject({
      code: 'no-controllers',
      where: 'no/such/*.ts',
    });
    expect((await findings([]))[0]).toMatchObject({ code: 'no-controllers' });
  });

  it('where a file fails to import: the finding names the file and the cause', async () => {
    const [only] = await findings(join(FIXTURES, 'broken'));
    expect(only?.code).toBe('import-failed');
    expect(only?.where).toBe(join(FIXTURES, 'broken/BrokenController.ts'));
    expect(only?.message).toContain('does-not-exist');
  });

  it('where something that is no controller is given as one', async () => {
    class Undecorated {}
    const found = await findings([Undecorated, { plain: true }]);
    expect(found.map(({ code, where }) => [code, where])).toEqual([
      ['not-a-controller', 'createApp'],
      ['not-a-controller', 'Undecorated'],
    ]);
  });
});

it('a class with verbs and no @Path in a directory is a warning: it may be a sub-resource', async () => {
  const app = await createApp({ controllers: join(FIXTURES, 'misfits'), logger: false });
  expect(app.routes.map((route) => route.path)).toEqual(['/root']);
  expect(app.warnings.map(({ code }) => code)).toEqual(['not-served']);
});
