/** The release that this server speaks like. */
export const VERSION_INFO = {
  major: '1',
  minor: '36',
  emulationMajor: '1',
  emulationMinor: '36',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '35',
  gitVersion: 'v1.36.4',
  gitCommit: '5f1e3a0d6c4b2e9870a1d3c5b7f902846e1a3c5d',
  gitTreeState: 'clean',
  buildDate: '2026-09-09T10:00:00Z',
  goVersion: 'go1.26.1',
  compiler: 'gc',
  platform: 'linux/amd64',
} as const;
