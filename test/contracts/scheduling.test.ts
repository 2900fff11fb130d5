import { expect, it } from 'vitest';
import { compareRecorded } from '../scheduling/compare-recorded';
import { caseNames } from '../scheduling/cases';

it('places Pods where the real scheduler does, with its scores, its words and its victims', async () => {
  const names = caseNames();
  expect(names).toHaveLength(500);
  const { pods, differences } = await compareRecorded(names);
  expect(pods).toBeGreaterThan(1000);
  expect(differences).toEqual([]);
}, 120_000);
