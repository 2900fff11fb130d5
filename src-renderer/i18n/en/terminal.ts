/** Terminals inside containers. */
export const terminal = {
  title: 'Terminal · {name}',
  region: 'Terminal in {pod}',
  connecting: 'Looking for a shell in {pod}…',
  loading: 'Loading the terminal…',
  ended: 'The shell has ended with exit code {code}.',
  endedWell: 'The shell has ended.',
  failed: 'No shell could be opened',
  again: 'Open again',
  search: 'Search',
  searchLabel: 'Search in this terminal',
  next: 'Next match',
  before: 'Match before',
  none: 'none',
  link: {
    title: 'Open this address?',
    body: 'It was written by the container, not by this program.',
    open: 'Open',
    cancel: 'Cancel',
  },
  confirm: 'Open the shell',
};
