import { describe } from 'vitest';
import { describeCases } from './support/case-suite.js';
import { onServer, serverIsThere } from './support/databases.js';

describe.skipIf(!(await serverIsThere()))('cases on a PostgreSQL server', () => describeCases(onServer));
