import unknown from '#resources/images/unknown.json';
import unreachable from '#resources/images/unreachable.json';
import type { ImageBase } from './image-tools';
import { imageProfiles } from './image-profiles';
import { canonicalName, type ImageReference } from './image-reference';

/** An answer of a web server that is no file. Texts may hold the tokens of `fillTokens`. */
export interface AnswerProfile {
  status?: number;
  type?: string;
  body: string;
}

/** A port that a program listens on. Texts may hold the tokens of `fillTokens`. */
export interface ListenerProfile {
  port: number;
  /** Environment variable that names another port. */
  portFrom?: string;
  /** Beginning of the environment variables that each name a port: `SERVE_PORT_` opens 80 for `SERVE_PORT_80`. */
  portsFrom?: string;
  /** Command line option that names another port: `--http-port`. */
  portFlag?: string;
  /**
   * `http`, `https` (with a certificate of its own making), `grpc` (health only), `any` of `http` and `grpc`, `redis`,
   * `mysql`, `postgres`, `echo`, or `tcp` for a port that takes connections and says nothing.
   */
  protocol: string;
  /** http: the folder of the files it serves. */
  root?: string;
  /** http: answers that are no files, by path; a path that ends in `*` stands for all that begin so. */
  answers?: Readonly<Record<string, AnswerProfile>>;
  /** http: the code that answers what is in neither: `elasticsearch`, `netexec`, `porter`, `liveness`, `ingress`. */
  handler?: string;
  /** http: the Server header. */
  server?: string;
  /** http: one log line per request. */
  accessLog?: string;
  /** http: the page of a path that is not there. */
  notFound?: string;
  /** http: processor time of an answer, in milliseconds of a core; half a millisecond when absent. */
  workMs?: number;
}

/** What the processes of an image use while nobody asks them anything. */
export interface UsageProfile {
  /** Thousandths of a core. */
  cpuMilli: number;
  memoryMi: number;
}

/** What an executable of an image does when it is started. */
export interface ProgramProfile {
  /** Printed at the start, in order; `!` in front means the error stream. */
  log?: readonly string[];
  /** Time between the start and the first open port, in milliseconds. */
  readyMs?: number;
  /** Printed when the ports are open. */
  readyLog?: readonly string[];
  listen?: readonly ListenerProfile[];
  /** Printed when it is asked to stop. */
  stopLog?: readonly string[];
  /** Its exit code when a signal has ended it; 0 when absent. */
  stopCode?: number;
  /** Has no handlers: as the first process it goes on until it is killed. */
  ignoresSignals?: boolean;
  /** Code instead of texts: `stress`, `agnhost-connect` and others. */
  code?: string;
  /** Ends with this code, at once or after `readyMs`, instead of running until it is stopped. */
  exitCode?: number;
  /** Ends with a message unless one of these variables is set, or the path exists already. */
  requires?: { env: readonly string[]; unlessPath?: string; log: readonly string[]; exitCode: number };
  /** Asks a server of the same Pod: with nobody on that port it says so and ends. */
  client?: { port: number; log: readonly string[]; exitCode: number };
  /** Other behaviours by the first word after the program that is no option. */
  subcommands?: Readonly<Record<string, ProgramProfile>>;
  /** Runs as that other program of the image does. */
  sameAs?: string;
}

/** What is known of an image: data in `resources/images`. */
export interface ImageProfile {
  /** `registry/repository` as regular expressions. */
  names: readonly string[];
  /** Tags that exist, as one regular expression. */
  tags: string;
  sizeBytes: number;
  /** What it is built on. */
  base?: ImageBase;
  /** Programs it has besides those of its base. */
  tools?: readonly string[];
  /** Who its processes run as; root when absent. */
  user?: { name: string; uid: number };
  /** Words before the program's own: entry point scripts that end in `exec "$@"`. */
  wrappers?: readonly string[];
  entrypoint?: readonly string[];
  cmd?: readonly string[];
  env?: Readonly<Record<string, string>>;
  workingDir?: string;
  programs?: Readonly<Record<string, ProgramProfile>>;
  files?: Readonly<Record<string, string>>;
  /** What it uses when it is idle; very little when absent. */
  usage?: UsageProfile;
  /** Shells it has; none means that exec of `sh` fails as it does in a distroless image. */
  shells?: readonly string[];
  /** True when any command is taken for one of the image's own: nothing is known of what is inside. */
  openEnded?: boolean;
  /** What is different for certain tags (regular expressions). */
  versions?: readonly (Partial<Omit<ImageProfile, 'names' | 'tags' | 'versions'>> & { tags: string })[];
}

const fallback: ImageProfile = unknown as ImageProfile;

interface Unreachable {
  hosts: string;
  tags: string;
  repositories: string;
  /** Repositories whose registry has had enough of whoever pulls without a login. */
  limited: string;
  /** Registries that ask for credentials, and the passwords of those who may pull. */
  privateHosts: string;
  accounts: Readonly<Record<string, string>>;
}

const refused: Unreachable = unreachable;

/** What a registry answers to a pull. */
export type PullVerdict = { outcome: 'pulled'; profile: ImageProfile } | { outcome: 'refused'; message: string };

/** Profiles that were looked for, by name and tag: thousands of Pods have few images. */
const found = new Map<string, ImageProfile>();
const MOST_KEPT = 1000;

export function profileOf(reference: ImageReference): ImageProfile {
  const key = `${reference.registry}/${reference.repository}:${reference.tag}`;
  const before = found.get(key);
  if (before) return before;
  const profile = search(reference);
  if (found.size >= MOST_KEPT) found.clear();
  found.set(key, profile);
  return profile;
}

function search({ registry, repository, tag }: ImageReference): ImageProfile {
  const name = `${registry}/${repository}`;
  const known = imageProfiles.find(({ names }) => names.some((pattern) => new RegExp(`^(?:${pattern})$`).test(name)));
  return known ? forTag(known, tag) : fallback;
}

/** A profile whose versions differ says so by tag. */
function forTag(profile: ImageProfile, tag: string): ImageProfile {
  const version = profile.versions?.find(({ tags }) => new RegExp(`^(?:${tags})$`).test(tag));
  if (!version) return profile;
  const { programs, env, tags: _tags, ...rest } = version;
  return {
    ...profile,
    ...rest,
    env: { ...profile.env, ...env },
    programs: { ...profile.programs, ...programs },
  };
}

export interface RegistryLogin {
  username: string;
  password: string;
}

/** The logins a Pod has, by registry host. */
export type RegistryCredentials = ReadonlyMap<string, RegistryLogin>;

/** Decides a pull by data alone, with containerd's texts. */
export function pullVerdict(reference: ImageReference, credentials: RegistryCredentials = new Map()): PullVerdict {
  const name = canonicalName(reference);
  const denied = loginRefusal(reference, credentials.get(reference.registry));
  if (denied) return refusal(name, denied, 'failed to pull and unpack image');
  if (new RegExp(refused.hosts).test(reference.registry)) {
    const host = reference.registry;
    const url = `https://${host}/v2/${reference.repository}/manifests/${reference.tag}`;
    const cause = `failed to do request: Head "${url}": dial tcp: lookup ${host.split(':')[0]}: no such host`;
    return refusal(name, cause, 'failed to pull and unpack image');
  }
  if (new RegExp(refused.limited).test(reference.repository) && !credentials.has(reference.registry)) {
    const cause =
      `unexpected status from HEAD request to https://registry-1.docker.io/v2/${reference.repository}/manifests/${reference.tag}: ` +
      '429 Too Many Requests\ntoomanyrequests: You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit';
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

/** True for the images of a registry that asks who pulls. */
export const needsLogin = ({ registry }: ImageReference): boolean => new RegExp(refused.privateHosts).test(registry);

/** Why a private registry turns someone away; nothing when it does not. */
function loginRefusal({ registry, repository }: ImageReference, login: RegistryLogin | undefined): string | undefined {
  if (!new RegExp(refused.privateHosts).test(registry)) return undefined;
  if (!login) {
    return (
      'pull access denied, repository does not exist or may require authorization: ' +
      'authorization failed: no basic auth credentials'
    );
  }
  if (refused.accounts[login.username] === login.password) return undefined;
  const url = `https://${registry}/service/token?scope=repository%3A${repository.replaceAll('/', '%2F')}%3Apull`;
  return `failed to authorize: failed to fetch oauth token: unexpected status from GET request to ${url}: 401 Unauthorized`;
}

function refusal(name: string, cause: string, action: string): PullVerdict {
  const desc = `${action} "${name}": failed to resolve image: ${cause}`;
  return { outcome: 'refused', message: `failed to pull image "${name}": ${desc}` };
}
