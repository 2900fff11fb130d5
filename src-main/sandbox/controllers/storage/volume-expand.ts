import { grownSize } from '#common/kinds/claim-growth';
import { requestedSize } from '#common/kinds/volume-matching';
import { PersistentVolumeClaims, PersistentVolumes } from '#common/kube/resources';
import { defineController, settled, type Controller } from '../runtime/define-controller';
import { Told } from './told';

const EXTERNAL = 'waiting for an external controller to expand this PVC';

/** Says of claims that are to grow that somebody else has to do it: this release's own plugins grow nothing. */
export function volumeExpandController(): Controller {
  const told = new Told();
  return defineController({
    name: 'volume-expand',
    component: 'volume_expand',
    reconciles: PersistentVolumeClaims,
    concurrency: 10,

    async reconcile(key, { cache, client, record, signal }) {
      const claim = cache.get(PersistentVolumeClaims, key);
      const { volumeName: name } = claim?.spec ?? {};
      if (!claim || !name || claim.status?.phase !== 'Bound' || requestedSize(claim) <= grownSize(claim)) {
        return settled;
      }
      // Each wish is passed on once, however often its progress is written.
      if (!told.isNew(claim.metadata.uid, claim.spec.resources?.requests?.['storage'] ?? '')) return settled;
      const volume = await client.get(PersistentVolumes, { name }, { signal });
      if (volume.spec.claimRef?.uid !== claim.metadata.uid) return settled;
      record(claim, { type: 'Normal', reason: 'ExternalExpanding', message: EXTERNAL });
      return settled;
    },
  });
}
