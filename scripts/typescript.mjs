// Lets a thread of a program that runs from its sources load them: `node --import scripts/typescript.mjs`.
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);
