import { RELEASE } from '#common/kube/release';

/** The release that this server speaks like. Nobody built it from a commit: those fields are as an unmarked build has them. */
export const VERSION_INFO = {
  major: '1',
  minor: '36',
  emulationMajor: '1',
  emulationMinor: '36',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '35',
  gitVersion: RELEASE,
  gitCommit: '',
  gitTreeState: '',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: 'none',
  compiler: 'gc',
  platform: 'linux/amd64',
} as const;
