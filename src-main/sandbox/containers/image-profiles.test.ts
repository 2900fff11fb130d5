import { describe, expect, it } from 'vitest';
import { execText, testContainer } from '#test/harness/test-container';
import { profileOf } from './image-profile';
import { imageProfiles } from './image-profiles';
import { parseImageReference } from './image-reference';
import { argvOf } from './container';

const programOf = (image: string) => {
  const profile = profileOf(parseImageReference(image)!);
  return { name: argvOf({ profile, command: undefined, args: undefined })[0] ?? '', profile };
};

describe('image profiles', () => {
  it.each([
    'nginx',
    'httpd',
    'redis:7',
    'mysql:8.0',
    'mysql:5.7',
    'postgres:16-alpine',
    'docker.elastic.co/elasticsearch/elasticsearch:7.17.0',
    'prom/prometheus:v3.4.1',
    'grafana/grafana:12.0.1',
    'jaegertracing/all-in-one:1.67',
    'jaegertracing/jaeger-query:1.67',
    'jaegertracing/jaeger-collector:1.67',
    'jaegertracing/jaeger-agent:1.67',
    'quay.io/jetstack/cert-manager-controller:v1.17.2',
    'quay.io/jetstack/cert-manager-webhook:v1.17.2',
    'registry.k8s.io/ingress-nginx/controller:v1.13.3',
    'registry.k8s.io/metrics-server/metrics-server:v0.8.0',
    'registry.k8s.io/coredns/coredns:v1.12.1',
    'fluent/fluentd:v1.18',
    'rabbitmq:4-management',
    'apache/kafka:4.0.0',
    'tomcat:11',
    'registry.k8s.io/e2e-test-images/agnhost:2.53',
    'registry.k8s.io/pause:3.10',
  ])('%s has a program of its own to run', (image) => {
    const { name, profile } = programOf(image);
    expect(Object.keys(profile.programs ?? {})).toContain(name.slice(name.lastIndexOf('/') + 1));
  });

  it('have names and tags that are regular expressions', () => {
    for (const { names, tags } of imageProfiles) {
      for (const pattern of [...names, tags]) expect(() => new RegExp(pattern)).not.toThrow();
    }
  });

  it.each([
    ['mysql:5.7', 'MYSQL_MAJOR', '5.7'],
    ['mysql:8.0.36', 'MYSQL_VERSION', '8.0.42-1.el9'],
    ['docker.elastic.co/elasticsearch/elasticsearch:6.8.0', 'ELASTIC_VERSION', '6.8.23'],
  ])('%s has %s %s', (image, name, value) => {
    expect(programOf(image).profile.env?.[name]).toBe(value);
  });

  it.each([
    'quay.io/jetstack/cert-manager-webhook:v1.17.2',
    'registry.k8s.io/pause:3.10',
    'jaegertracing/jaeger-query:1.67',
  ])('%s has no shell', async (image) => {
    expect((await execText(testContainer(image), ['sh'])).code).toBe(127);
  });

  it('run quietly when nothing is known of them', async () => {
    const one = testContainer('ghcr.io/me/thing:1');
    const running = one.run();
    await new Promise((resolve) => setImmediate(resolve));
    one.kill();
    await running;
    expect(one.log.lines.map(({ text }) => text)).toEqual(['started']);
  });
});
