/** The parts of an image name, normalised as containerd does: `nginx` is `docker.io/library/nginx:latest`. */
export interface ImageReference {
  registry: string;
  repository: string;
  tag: string;
  digest: string | undefined;
}

const PATH_PART = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
/** distribution/reference's grammar without its corner cases. */
const REFERENCE = new RegExp(
  `^(?:((?:[a-zA-Z0-9.-]+\\.[a-zA-Z0-9.-]+|localhost)(?::\\d+)?|[a-zA-Z0-9-]+:\\d+)/)?` +
    `(${PATH_PART}(?:/${PATH_PART})*)(?::([\\w][\\w.-]{0,127}))?(?:@([a-z0-9]+:[a-f0-9]{32,}))?$`,
);

/** Nothing for a text that is no image name (`InvalidImageName`). */
export function parseImageReference(image: string): ImageReference | undefined {
  const match = REFERENCE.exec(image);
  if (!match?.[2]) return undefined;
  const registry = match[1] ?? 'docker.io';
  const isOfficial = registry === 'docker.io' && !match[2].includes('/');
  return {
    registry,
    repository: isOfficial ? `library/${match[2]}` : match[2],
    tag: match[3] ?? (match[4] ? '' : 'latest'),
    digest: match[4],
  };
}

/** `docker.io/library/nginx:1.29`: how statuses and errors name an image. */
export function canonicalName({ registry, repository, tag, digest }: ImageReference): string {
  return `${registry}/${repository}${tag ? `:${tag}` : ''}${digest ? `@${digest}` : ''}`;
}
