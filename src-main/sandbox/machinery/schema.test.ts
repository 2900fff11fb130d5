import { describe, expect, it } from 'vitest';
import { builtInResources, schemaOf, typeNamed, type ListSchema, type TypeSchema } from './schema';

const kind = (group: string, version: string, name: string): TypeSchema => schemaOf({ group, version, kind: name })!;

describe('schemaOf', () => {
  it('knows the kind of every resource and subresource that carries one', () => {
    const missing = builtInResources().flatMap((resource) => {
      const kinds = [resource, ...(resource.subresources ?? [])].map(({ group, version, kind }) => ({
        group: group || resource.group,
        version: version || resource.version,
        kind,
      }));
      return kinds.filter((gvk) => !schemaOf(gvk));
    });
    expect(missing).toEqual([]);
  });

  it('finds kinds of meta/v1 in every group', () => {
    expect(schemaOf({ group: 'apps', version: 'v1', kind: 'DeleteOptions' })?.name).toBe(
      'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions',
    );
  });

  it.each([
    ['', 'v1', 'PodSpec'],
    ['', 'v1', 'ObjectReference'],
    ['example.com', 'v1', 'CronTab'],
  ])('does not take %s/%s %s for a kind', (group, version, name) => {
    expect(schemaOf({ group, version, kind: name })).toBeUndefined();
  });

  it('tells how fields merge', () => {
    const containers = typeNamed('io.k8s.api.core.v1.PodSpec')!.field('containers')!;
    expect({ merges: containers.merges, mergeKey: containers.mergeKey }).toEqual({ merges: true, mergeKey: 'name' });
    expect(containers.type).toMatchObject({
      shape: 'list',
      topology: 'map',
      keys: ['name'],
    } satisfies Partial<ListSchema>);
    const ports = typeNamed('io.k8s.api.core.v1.Container')!.field('ports')!;
    expect(ports.mergeKey).toBe('containerPort');
    expect(ports.type).toMatchObject({ keys: ['containerPort', 'protocol'] });
    expect(kind('', 'v1', 'Pod').field('metadata')!.type).toMatchObject({ shape: 'struct', atomic: false });
    expect(typeNamed('io.k8s.api.apps.v1.DeploymentSpec')!.field('selector')!.type).toMatchObject({ atomic: true });
  });

  it('flattens structs that JSON inlines', () => {
    const volume = typeNamed('io.k8s.api.core.v1.Volume')!;
    expect(volume.field('emptyDir')).toMatchObject({
      name: 'emptyDir',
      goPath: 'VolumeSource.emptyDir',
      pointer: true,
    });
    expect(volume.fields.map((field) => field.name)).toContain('name');
  });

  it('lists what Go writes whatever it holds', () => {
    expect(kind('', 'v1', 'Service').alwaysWritten.map((field) => field.name)).toEqual(['metadata', 'spec', 'status']);
    expect(typeNamed('io.k8s.api.core.v1.ServicePort')!.alwaysWritten.map((field) => field.name)).toEqual([
      'port',
      'targetPort',
    ]);
  });
});

describe('builtInResources', () => {
  it('lists the core group first, then as discovery does', () => {
    const groups = [...new Set(builtInResources().map(({ group, version }) => `${group}/${version}`))];
    expect(groups.slice(0, 5)).toEqual([
      '/v1',
      'apiregistration.k8s.io/v1',
      'apps/v1',
      'events.k8s.io/v1',
      'authentication.k8s.io/v1',
    ]);
    expect(groups.indexOf('autoscaling/v2')).toBeLessThan(groups.indexOf('autoscaling/v1'));
  });

  it('knows names, verbs, subresources and field labels', () => {
    const pods = builtInResources().find(({ group, plural }) => group === '' && plural === 'pods')!;
    expect(pods).toMatchObject({ singular: 'pod', shortNames: ['po'], categories: ['all'], ownFieldLabels: true });
    expect(pods.fieldLabels).toContain('spec.nodeName');
    expect(pods.subresources?.find(({ name }) => name === 'eviction')).toMatchObject({
      group: 'policy',
      version: 'v1',
      kind: 'Eviction',
    });
  });
});
