// Who may import whom. An allow-list per room (see docs/architecture.md): what is not listed fails.

/** Rooms and the rooms each may import, besides itself. `src-common` is open to everyone. */
const rooms = {
  'src-common/base': [],
  'src-common/kube': ['src-common/base'],
  'src-common/kinds': ['src-common/base', 'src-common/kube'],
  'src-common/contract': ['src-common/base', 'src-common/kube', 'src-common/kinds'],

  'src-main/base': ['src-common'],
  'src-main/kubeconfig': ['src-common', 'src-main/base'],
  'src-main/client': ['src-common', 'src-main/base'],
  'src-main/transport': ['src-common', 'src-main/base'],
  'src-main/informer': ['src-common', 'src-main/base', 'src-main/client'],
  'src-main/session': [
    'src-common',
    'src-main/base',
    'src-main/kubeconfig',
    'src-main/client',
    'src-main/informer',
    'src-main/sandbox/index.ts',
  ],
  'src-main/tables': ['src-common', 'src-main/base', 'src-main/session', 'src-main/informer', 'src-main/client'],
  'src-main/rpc': ['src-common', 'src-main/base', 'src-main/session', 'src-main/tables', 'src-main/services'],
  'src-main/app': ['src-common', 'src-main'],

  'src-main/sandbox/machinery': ['src-common', 'src-main/base'],
  'src-main/sandbox/codec': ['src-common', 'src-main/base', 'src-main/sandbox/machinery'],
  'src-main/sandbox/store': ['src-common', 'src-main/base', 'src-main/sandbox/machinery'],
  'src-main/sandbox/registry': [
    'src-common',
    'src-main/base',
    'src-main/sandbox/store',
    'src-main/sandbox/machinery',
    'src-main/sandbox/cel',
  ],
  'src-main/sandbox/authn': identityRoom(),
  'src-main/sandbox/authz': identityRoom(),
  'src-main/sandbox/admission': [
    ...identityRoom(),
    'src-main/sandbox/cel',
    'src-main/sandbox/codec',
    'src-main/sandbox/quota',
    'src-main/sandbox/webhooks',
  ],
  'src-main/sandbox/webhooks': ['src-common', 'src-main/base', 'src-main/sandbox/codec', 'src-main/sandbox/machinery'],
  'src-main/sandbox/quota': ['src-common', 'src-main/sandbox/machinery'],
  'src-main/sandbox/cel': ['src-common', 'src-main/base', 'src-main/sandbox/machinery'],
  'src-main/sandbox/custom': [
    'src-common',
    'src-main/base',
    'src-main/sandbox/store',
    'src-main/sandbox/machinery',
    'src-main/sandbox/registry',
    'src-main/sandbox/cel',
    'src-main/sandbox/webhooks',
  ],
  'src-main/sandbox/apiserver': [
    'src-common',
    'src-main/base',
    'src-main/sandbox/machinery',
    'src-main/sandbox/codec',
    'src-main/sandbox/store',
    'src-main/sandbox/registry',
    'src-main/sandbox/authn',
    'src-main/sandbox/authz',
    'src-main/sandbox/admission',
    'src-main/sandbox/cel',
    'src-main/sandbox/custom',
    'src-main/sandbox/webhooks',
  ],
  'src-main/sandbox/controllers': [
    'src-common',
    'src-main/base',
    'src-main/client',
    'src-main/informer',
    'src-main/sandbox/quota',
  ],
  'src-main/sandbox/scheduler': ['src-common', 'src-main/base', 'src-main/client', 'src-main/informer'],
  'src-main/sandbox/containers': ['src-common', 'src-main/base'],
  'src-main/sandbox/network': ['src-common', 'src-main/base', 'src-main/client', 'src-main/informer'],
  'src-main/sandbox/kubelet': [
    'src-common',
    'src-main/base',
    'src-main/client',
    'src-main/informer',
    'src-main/sandbox/containers',
    'src-main/sandbox/network',
    // A kubelet admits Pods by the scheduler's own sums.
    'src-main/sandbox/scheduler/resources.ts',
  ],

  'src-preload': ['src-common'],

  'src-renderer/ui': ['src-common', 'src-renderer/composables', 'src-renderer/styles'],
  'src-renderer/composables': ['src-common', 'src-renderer/ui'],
  'src-renderer/transport': ['src-common'],
  'src-renderer/i18n': ['src-common'],
  'src-renderer/stores': ['src-common', 'src-renderer/transport', 'src-renderer/composables', 'src-renderer/i18n'],
  'src-renderer/app': ['src-common', 'src-renderer'],
};

function identityRoom() {
  return ['src-common', 'src-main/base', 'src-main/sandbox/machinery', 'src-main/client', 'src-main/informer'];
}

const only = (name, room, allowed) => ({
  name,
  severity: 'error',
  from: { path: room, pathNot: '\\.test\\.ts$' },
  to: { path: '^(src-|test/|bench/)', pathNot: allowed },
});

const prefix = (path) => `^${path.replaceAll('.', '\\.')}(/|$)`;
const roomRules = Object.entries(rooms).map(([room, allowed]) =>
  only(`room ${room}`, prefix(room), [room, ...allowed].map(prefix)),
);

const window = [
  'src-common',
  'src-renderer/stores',
  'src-renderer/ui',
  'src-renderer/composables',
  'src-renderer/i18n',
];

module.exports = {
  forbidden: [
    {
      name: 'no cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'no unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    ...roomRules,
    // A service may use the session, never another service.
    {
      name: 'services stand alone',
      severity: 'error',
      from: { path: '^src-main/services/([^/]+)/', pathNot: '\\.test\\.ts$' },
      to: {
        path: '^(src-|test/)',
        pathNot: ['^src-common/', '^src-main/(base|session|informer|client)/', '^src-main/services/$1/'],
      },
    },
    // A kind in the window knows no other kind; a feature knows no other feature.
    {
      name: 'kinds stand alone',
      severity: 'error',
      from: { path: '^src-renderer/resources/([^/]+)/', pathNot: '\\.test\\.ts$' },
      to: {
        path: '^(src-|test/)',
        pathNot: [...window.map(prefix), '^src-renderer/resources/(shared|$1)/', '^src-renderer/resources/[^/]+\\.ts$'],
      },
    },
    {
      name: 'features stand alone',
      severity: 'error',
      from: { path: '^src-renderer/features/([^/]+)/', pathNot: '\\.test\\.ts$' },
      to: {
        path: '^(src-|test/)',
        pathNot: [...window.map(prefix), '^src-renderer/resources/', '^src-renderer/features/$1/'],
      },
    },
    {
      name: 'the sandbox is sealed',
      severity: 'error',
      from: { path: '^src-', pathNot: ['^src-main/sandbox/', '^src-main/app/', '\\.test\\.ts$'] },
      to: { path: '^src-main/sandbox/', pathNot: '^src-main/sandbox/index\\.ts$' },
    },
    {
      name: 'the sandbox leaves only by its listed doors',
      severity: 'error',
      from: { path: '^src-main/sandbox/', pathNot: '\\.test\\.ts$' },
      to: { path: '^src-', pathNot: ['^src-common/', '^src-main/(base|client|informer|sandbox)/'] },
    },
    {
      name: 'electron has three homes',
      severity: 'error',
      from: { path: '^src-', pathNot: ['^src-main/app/', '^src-main/transport/ipc/', '^src-preload/'] },
      to: { path: '(^|/)electron(/|$)', dependencyTypes: ['npm', 'npm-dev'] },
    },
    {
      name: 'node stays in src-main',
      severity: 'error',
      from: { path: '^src-(common|renderer|preload)', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'product code does not import tests',
      severity: 'error',
      from: { path: '^src-', pathNot: '\\.test\\.ts$' },
      to: { path: ['^test/', '\\.test\\.ts$'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(out|dist)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.vue', '.js', '.mjs', '.d.ts', '.json', '.css'],
    },
  },
};
