import alpine from '#resources/images/alpine.json';
import busybox from '#resources/images/busybox.json';
import coredns from '#resources/images/coredns.json';
import helloNode from '#resources/images/hello-node.json';
import httpd from '#resources/images/httpd.json';
import nginx from '#resources/images/nginx.json';
import node from '#resources/images/node.json';
import pause from '#resources/images/pause.json';
import redis from '#resources/images/redis.json';
import unknown from '#resources/images/unknown.json';
import unreachable from '#resources/images/unreachable.json';
import { canonicalName, type ImageReference } from './image-reference';

/** A port that a program listens on. Texts may hold the tokens of `fillTokens`. */
export interface ListenerProfile {
  port: number;
  /** Environment variable that names another port. */
  portFrom?: string;
  /** `http`, `redis` or `echo`. */
  protocol: string;
  /** http: the folder of the files it serves. */
  root?: string;
  /** http: answers that are no files, by path. */
  answers?: Readonly<Record<string, { status?: number; type?: string; body: string }>>;
  /** http: the Server header. */
  server?: string;
  /** http: one log line per request. */
  accessLog?: string;
  /** http: the page of a path that is not there. */
  notFound?: string;
}

/** What an executable of an image does when it is started. */
export interface ProgramProfile {
  /** Printed at the start, in order; `!` in front means the error stream. */
  log?: readonly string[];
  listen?: readonly ListenerProfile[];
  /** Printed when it is asked to stop. */
  stopLog?: readonly string[];
  /** Ends at once with this code instead of running until it is stopped. */
  exitCode?: number;
}

/** What is known of an image: data in `resources/images`. */
export interface ImageProfile {
  /** `registry/repository` as regular expressions. */
  names: readonly string[];
  /** Tags that exist, as one regular expression. */
  tags: string;
  sizeBytes: number;
  /** Words before the program's own: entry point scripts that end in `exec "$@"`. */
  wrappers?: readonly string[];
  entrypoint?: readonly string[];
  cmd?: readonly string[];
  env?: Readonly<Record<string, string>>;
  workingDir?: string;
  programs?: Readonly<Record<string, ProgramProfile>>;
  files?: Readonly<Record<string, string>>;
  /** Shells it has; none means that exec of `sh` fails as it does in a distroless image. */
  shells?: readonly string[];
  /** True when any command is taken for one of the image's own: nothing is known of what is inside. */
  openEnded?: boolean;
}

const known: readonly ImageProfile[] = [nginx, httpd, busybox, alpine, redis, pause, helloNode, node, coredns];
const fallback: ImageProfile = unknown;

interface Unreachable {
  hosts: string;
  tags: string;
  repositories: string;
}

const refused: Unreachable = unreachable;

/** What a registry answers to a pull. */
export type PullVerdict = { outcome: 'pulled'; profile: ImageProfile } | { outcome: 'refused'; message: string };

export function profileOf(reference: ImageReference): ImageProfile {
  const name = `${reference.registry}/${reference.repository}`;
  return known.find(({ names }) => names.some((pattern) => new RegExp(`^(?:${pattern})$`).test(name))) ?? fallback;
}

/** Decides a pull by data alone, with containerd's texts. */
export function pullVerdict(reference: ImageReference): PullVerdict {
  const name = canonicalName(reference);
  if (new RegExp(refused.hosts).test(reference.registry)) {
    const host = reference.registry;
    const url = `https://${host}/v2/${reference.repository}/manifests/${reference.tag}`;
    const cause = `failed to do request: Head "${url}": dial tcp: lookup ${host.split(':')[0]}: no such host`;
    return refusal(name, cause, 'failed to pull and unpack image');
  }
  if (new RegExp(refused.repositories).test(reference.repository)) {
    const cause =
      'pull access denied, repository does not exist or may require authorization: ' +
      'server message: insufficient_scope: authorization failed';
    return refusal(name, cause, 'failed to pull and unpack image');
  }
  const profile = profileOf(reference);
  const isMissing = reference.tag !== '' && !new RegExp(`^(?:${profile.tags})$`).test(reference.tag);
  if (isMissing || new RegExp(refused.tags).test(reference.tag)) {
    return {
      outcome: 'refused',
      message: `rpc error: code = NotFound desc = failed to pull and unpack image "${name}": failed to resolve image: ${name}: not found`,
    };
  }
  return { outcome: 'pulled', profile };
}

function refusal(name: string, cause: string, action: string): PullVerdict {
  const desc = `${action} "${name}": failed to resolve image: ${cause}`;
  return { outcome: 'refused', message: `failed to pull image "${name}": ${desc}` };
}
