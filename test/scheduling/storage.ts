import type { PersistentVolume, PersistentVolumeClaim, Pod, StorageClass } from '#common/kube/types';
import type { Draft } from '#main/client/client';
import { ZONES, type CaseGround } from './cases';
import type { Draws } from './draws';
import { containersOf, NAMESPACES } from './pods';

interface Storage {
  classes: Draft<StorageClass>[];
  volumes: Draft<PersistentVolume>[];
  claims: Draft<PersistentVolumeClaim>[];
  /** Uses the claims. */
  pod?: Draft<Pod>;
}

const NAMESPACE = NAMESPACES[0]!;

/** What is said of a claim, and whether it has its volume. */
type ClaimKind = 'bound' | 'waiting' | 'unbound' | 'missing' | 'exclusive' | 'lost';

/** Classes bear the name of their case: volumes of other cases do not suit their claims. */
export function storageOf(ground: CaseGround): Storage {
  const { draws, theme, name } = ground;
  if (theme !== 'volumes' && !(theme === 'mixed' && draws.chance(0.3))) return { classes: [], volumes: [], claims: [] };
  const classes = [classOf(`${name}-now`, 'Immediate', draws), classOf(`${name}-later`, 'WaitForFirstConsumer', draws)];
  const kinds = Array.from({ length: draws.int(1, 2) }, () =>
    draws.one<ClaimKind>([
      'bound',
      'bound',
      'waiting',
      'waiting',
      'waiting',
      'unbound',
      'missing',
      'exclusive',
      'lost',
    ]),
  );
  const volumes: Draft<PersistentVolume>[] = [];
  const claims: Draft<PersistentVolumeClaim>[] = [];
  kinds.forEach((kind, at) => addClaim({ kind, name: `${name}-v${at}`, ground }, { volumes, claims }));
  for (let at = draws.int(0, 3); at > 0; at--) volumes.push(volumeOf(`${name}-free${at}`, `${name}-later`, ground));
  const pod = {
    metadata: { name: `${name}-data`, namespace: NAMESPACE, labels: { app: 'db' } },
    spec: {
      containers: containersOf(draws),
      volumes: kinds.map((_kind, at) => ({ name: `v${at}`, persistentVolumeClaim: { claimName: `${name}-v${at}` } })),
    },
  };
  return { classes, volumes, claims, pod };
}

function addClaim(
  { kind, name, ground }: { kind: ClaimKind; name: string; ground: CaseGround },
  { volumes, claims }: Pick<Storage, 'volumes' | 'claims'>,
): void {
  if (kind === 'missing') return;
  const { draws } = ground;
  const isBound = kind === 'bound' || kind === 'exclusive' || kind === 'lost';
  const className = `${ground.name}-${kind === 'waiting' || isBound ? 'later' : 'now'}`;
  const claim = claimOf(name, className, draws);
  if (kind === 'exclusive') claim.spec.accessModes = ['ReadWriteOncePod'];
  if (isBound) {
    claim.metadata.annotations = { 'pv.kubernetes.io/bind-completed': 'yes' };
    claim.spec.volumeName = name;
  }
  if (kind === 'bound' || kind === 'exclusive') {
    const volume = volumeOf(name, className, ground);
    volume.spec.accessModes = claim.spec.accessModes ?? [];
    volumes.push({ ...volume, spec: { ...volume.spec, claimRef: { namespace: NAMESPACE, name } } });
  }
  claims.push(claim);
}

function classOf(name: string, volumeBindingMode: string, draws: Draws): Draft<StorageClass> {
  const provisioner = draws.one(['kubernetes.io/no-provisioner', 'example.com/disks']);
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
  return {
    metadata: {
      name,
      ...(draws.chance(0.3) ? { labels: { 'topology.kubernetes.io/zone': draws.one([zone, `${zone}__west`]) } } : {}),
    },
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
