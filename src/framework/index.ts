// What the package is imported as. scripts/build.mjs puts all that it needs at once into this one file.
export * from './api.js';
