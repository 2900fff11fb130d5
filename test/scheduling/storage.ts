import type { CSINode, PersistentVolume, PersistentVolumeClaim, Pod, StorageClass } from '#common/kube/types';
import type { Draft } from '#main/client/client';
import { ZONES, type CaseGround, type SchedulingCase } from './cases';
import type { Draws } from './draws';
import { containersOf, NAMESPACES } from './pods';

interface Storage {
  classes: Draft<StorageClass>[];
  volumes: Draft<PersistentVolume>[];
  claims: Draft<PersistentVolumeClaim>[];
  csiNodes: Draft<CSINode>[];
  /** Pods that use claims already. */
  users: SchedulingCase['placed'];
  /** Wants the claims. */
  pod?: Draft<Pod>;
}

type Volumes = Pick<Storage, 'volumes' | 'claims'>;

const NAMESPACE = NAMESPACES[0]!;
const DRIVER = 'disks.example.com';

/** What is said of a claim, and whether it has its volume. */
type ClaimKind = 'bound' | 'waiting' | 'unbound' | 'missing' | 'exclusive' | 'lost' | 'csi';

/** As often as they are named. */
const KINDS: readonly ClaimKind[] = [
  ...(['bound', 'bound', 'waiting', 'waiting', 'waiting', 'waiting', 'csi', 'csi', 'exclusive', 'exclusive'] as const),
  ...(['unbound', 'missing', 'lost'] as const),
];

/** Classes bear the name of their case: volumes of other cases do not suit their claims. */
export function storageOf(ground: CaseGround): Storage {
  const { draws, theme, name, nodeNames } = ground;
  if (theme !== 'volumes' && !(theme === 'mixed' && draws.chance(0.3)))
    return { classes: [], volumes: [], claims: [], csiNodes: [], users: [] };
  const classes = [classOf(`${name}-now`, 'Immediate', draws), classOf(`${name}-later`, 'WaitForFirstConsumer', draws)];
  const kinds = Array.from({ length: draws.int(1, 2) }, () => draws.one(KINDS));
  const storage: Volumes = { volumes: [], claims: [] };
  kinds.forEach((kind, at) => addClaim({ kind, name: `${name}-v${at}`, ground }, storage));
  for (let at = draws.int(0, 3); at > 0; at--)
    storage.volumes.push(volumeOf(`${name}-free${at}`, `${name}-later`, ground));
  const pod = {
    metadata: { name: `${name}-data`, namespace: NAMESPACE, labels: { app: 'db' } },
    spec: {
      containers: containersOf(draws),
      volumes: kinds.map((_kind, at) => ({ name: `v${at}`, persistentVolumeClaim: { claimName: `${name}-v${at}` } })),
    },
  };
  const csiNodes = kinds.includes('csi') ? draws.some(nodeNames, 0.8).map((node) => csiNodeOf(node, draws)) : [];
  return { classes, ...storage, csiNodes, users: usersOf(kinds, ground, storage), pod };
}

function csiNodeOf(name: string, draws: Draws): Draft<CSINode> {
  const drivers = [{ name: DRIVER, nodeID: name, allocatable: { count: draws.int(1, 2) } }];
  return { metadata: { name }, spec: { drivers } };
}

/** Exclusive claims are in use now and then; nodes hold CSI volumes already. */
function usersOf(kinds: readonly ClaimKind[], ground: CaseGround, storage: Volumes): Storage['users'] {
  const { draws, name, nodeNames } = ground;
  const used = kinds.flatMap((kind, at) => (kind === 'exclusive' && draws.chance(0.6) ? [`${name}-v${at}`] : []));
  const held = kinds.includes('csi') ? nodeNames.flatMap((node) => draws.some([`${node}-d0`, `${node}-d1`], 0.5)) : [];
  for (const claimName of held) addClaim({ kind: 'csi', name: claimName, ground }, storage);
  const user = (claimName: string, nodeName: string): Storage['users'][0] => ({
    pod: {
      metadata: { name: `${claimName}-user`, namespace: NAMESPACE },
      spec: {
        nodeName,
        containers: containersOf(draws),
        volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }],
        ...(draws.chance(0.5) ? { priorityClassName: 'low' } : {}),
      },
    },
    startedMinutesAgo: 5000 + draws.int(0, 5000),
    isLeaving: false,
  });
  return [
    ...used.map((claimName) => user(claimName, draws.one(nodeNames))),
    ...held.map((claimName) => user(claimName, claimName.replace(/-d\d$/, ''))),
  ];
}

function addClaim(
  { kind, name, ground }: { kind: ClaimKind; name: string; ground: CaseGround },
  { volumes, claims }: Volumes,
): void {
  if (kind === 'missing') return;
  const isBound = ['bound', 'exclusive', 'lost', 'csi'].includes(kind);
  const className = `${ground.name}-${kind === 'waiting' || isBound ? 'later' : 'now'}`;
  const claim = claimOf(name, className, ground.draws);
  if (kind === 'exclusive') claim.spec.accessModes = ['ReadWriteOncePod'];
  if (isBound) {
    claim.metadata.annotations = { 'pv.kubernetes.io/bind-completed': 'yes' };
    claim.spec.volumeName = name;
  }
  claims.push(claim);
  if (!isBound || kind === 'lost') return;
  const { metadata, spec } = volumeOf(name, className, ground);
  const { accessModes = [] } = claim.spec;
  const given = { ...spec, accessModes, claimRef: { namespace: NAMESPACE, name } };
  volumes.push(kind === 'csi' ? overTheNetwork(name, given) : { metadata, spec: given });
}

/** At home everywhere: only how many of them a node can hold decides. */
function overTheNetwork(name: string, spec: PersistentVolume['spec']): Draft<PersistentVolume> {
  const { hostPath: _path, nodeAffinity: _nodes, ...rest } = spec;
  return { metadata: { name }, spec: { ...rest, csi: { driver: DRIVER, volumeHandle: name } } };
}

function classOf(name: string, volumeBindingMode: string, draws: Draws): Draft<StorageClass> {
  const provisioner = draws.one(['kubernetes.io/no-provisioner', DRIVER]);
  const values = draws.some(ZONES, 0.6);
  const allowedTopologies = [{ matchLabelExpressions: [{ key: 'topology.kubernetes.io/zone', values }] }];
  return {
    metadata: { name },
    provisioner,
    volumeBindingMode,
    ...(values.length > 0 && draws.chance(0.4) ? { allowedTopologies } : {}),
  };
}

function claimOf(name: string, storageClassName: string, draws: Draws): Draft<PersistentVolumeClaim> {
  const resources = { requests: { storage: draws.one(['1Gi', '5Gi', '20Gi']) } };
  return {
    metadata: { name, namespace: NAMESPACE },
    spec: { storageClassName, accessModes: ['ReadWriteOnce'], resources },
  };
}

function volumeOf(name: string, storageClassName: string, { draws, nodeNames }: CaseGround): Draft<PersistentVolume> {
  const zone = draws.one(ZONES);
  const at = draws.one([
    { key: 'kubernetes.io/hostname', operator: 'In', values: [draws.one(nodeNames), draws.one(nodeNames)] },
    { key: 'topology.kubernetes.io/zone', operator: 'In', values: [zone] },
  ]);
  const isLocal = draws.chance(0.6);
  const labels = draws.maybe(0.3, () => ({ 'topology.kubernetes.io/zone': draws.one([zone, `${zone}__west`]) }));
  return {
    metadata: { name, ...(labels ? { labels } : {}) },
    spec: {
      capacity: { storage: draws.one(['2Gi', '10Gi', '30Gi']) },
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName,
      hostPath: { path: `/mnt/${name}` },
      ...(isLocal ? { nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [at] }] } } } : {}),
    },
  };
}
