import { recorded } from '../../conformance/recordings';
import type { Chapter } from './chapter';
import type { Spoken } from './run-chapter';

/** What a kubectl says to a user differs from minor to minor, so that each has recordings of its own. */
export const recordingOf = ({ name }: Chapter, minor: number): { name: string } => ({
  name: `kubectl/1.${minor}/${name}`,
});

export const recordedChapter = (chapter: Chapter, minor: number): Promise<Spoken[] | undefined> =>
  recorded<Spoken[]>(recordingOf(chapter, minor));
