// Loaded with `node --import`: the built desktop bundle finds this stand-in where it asks for `electron`.
import { register } from 'node:module';

Object.defineProperty(process.versions, 'electron', { value: '45.4.1', enumerable: true });
register('./resolve.mjs', import.meta.url);
