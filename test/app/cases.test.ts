import { describe } from 'vitest';
import { describeCases } from './support/case-suite.js';
import { inMemory } from './support/databases.js';

describe('cases in the embedded database', () => describeCases(inMemory));
