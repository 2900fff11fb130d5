import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findKubectl, minorOfKubectl } from '#test/harness/kubectl';
import { openTriedSandbox, type OpenedServer } from '../clients/servers';
import { chapters } from './chapters/chapters';
import { differencesOf } from './chapters/differences';
import { recordedChapter } from './chapters/recording';
import { runChapter } from './chapters/run-chapter';

const kubectl = findKubectl();
const minor = kubectl ? await minorOfKubectl(kubectl) : 0;
const recordings = await Promise.all(chapters.map((chapter) => recordedChapter(chapter, minor)));
const isRecorded = recordings.every((recording) => recording !== undefined);

describe.skipIf(!isRecorded)(`what a user says to kubectl 1.${minor} (see npm run command-lines)`, () => {
  let sandbox: OpenedServer;
  beforeAll(async () => {
    sandbox = await openTriedSandbox();
  });
  afterAll(() => sandbox?.[Symbol.asyncDispose]());

  it.each(chapters.map((chapter, at) => [chapter.name, chapter, recordings[at]] as const))(
    'is answered as a real cluster answers it: %s',
    async (_name, chapter, recording) => {
      const found = await runChapter(chapter, sandbox, kubectl!);
      expect(differencesOf(recording!, found)).toEqual([]);
    },
  );
});
