/** The panel that shows one object. */
export const detail = {
  panel: 'Details of {kind} {name}',
  loading: 'Reading {name}…',
  close: 'Close details',
  tabs: {
    label: 'Views of {name}',
    summary: 'Summary',
    events: 'Events',
    yaml: 'YAML',
    describe: 'Describe',
    logs: 'Logs',
    shell: 'Shell',
    related: 'Related',
  },
  clusterWide: 'cluster-wide',
  deleted: {
    title: 'Deleted at {time}.',
    body: 'This is the last content that was seen.',
  },
  missing: {
    title: '{kind} {name} does not exist',
    body: 'It was deleted, or it never existed in {place}.',
  },
  forbidden: {
    title: 'You may not read this object',
    body: 'The server refuses it. Ask for the right to get and watch {resource}.',
  },
  failed: 'This object could not be read',
  stale: 'Not live since {time}. What is shown may be out of date.',
  retry: 'Try again',
  events: {
    none: 'No events',
    noneHint:
      'Kubernetes keeps events for about an hour. What happens to this object and to what it owns appears here.',
    failed: 'Events could not be read',
    onlyWarnings: 'Warnings only',
  },
  related: {
    none: 'Nothing else refers to this object',
    noneHint: 'Owners, owned objects, Services that select it and what it mounts appear here.',
    failed: 'Related objects could not be read',
    relations: {
      owner: 'Owned by',
      owned: 'Owns',
      selects: 'Selects',
      'selected-by': 'Used by',
      mounts: 'Mounts',
      uses: 'Uses',
      'runs-on': 'Runs on',
      'exposed-by': 'Exposed by',
    },
    more: 'and {count} more',
  },
  describe: {
    failed: 'The description could not be made',
    loading: 'Describing {name}…',
    refresh: 'Describe again',
    stale: 'The object has changed since.',
    text: 'Description of {name}',
  },
};
