/** The rules of containers, whichever list of a Pod they stand in (core validation's container rules). */
import type {
  Container,
  ContainerPort,
  ContainerResizePolicy,
  ContainerRestartRule,
  EphemeralContainer,
} from '#common/kube/types';
import {
  duplicateValue,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
  tooMany,
  valueNotFound,
  type FieldError,
} from '../field-errors';
import { dnsLabel, portName } from '../names';
import { checkNeeded, checkNeededName, checkPort, checkWord } from '../value-rules';
import { checkEnvironment, checkEnvironmentSources } from './environment-rules';
import { checkDevices, checkMounts } from './mount-rules';
import { checkLifecycle, checkProbe, type HookPlace } from './probe-rules';
import { checkContainerResources } from './resource-rules';
import { checkSecurityContext } from './security-rules';
import type { KnownVolumes } from './volume-rules';

/** What containers' rules need to know of their Pod. */
export interface ContainerPlace extends HookPlace {
  volumes: KnownVolumes;
  /** Names of the Pod's resource claims. */
  claims: ReadonlySet<string>;
  restartPolicy: string | undefined;
  hostUsers: boolean;
}

const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'];
const MESSAGE_POLICIES = ['File', 'FallbackToLogsOnError'];
export const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const ALWAYS_ONLY = 'may not be set for init containers without restartPolicy=Always';

export function checkContainers(
  containers: readonly Container[] | undefined,
  path: string,
  place: ContainerPlace,
  into: FieldError[],
): void {
  if (!containers?.length) {
    into.push(required(path));
    return;
  }
  const names = new Set<string>();
  for (const [at, container] of containers.entries()) {
    const here = `${path}[${at}]`;
    checkCommon(container, here, place, into);
    if (names.has(container.name)) into.push(duplicateValue(`${here}.name`, container.name));
    names.add(container.name);
    if (container.lifecycle) checkLifecycle(container.lifecycle, `${here}.lifecycle`, place, into);
    checkProbes(container, here, into);
    checkRestarts(container, here, into);
  }
  checkHostPorts(containers, path, into);
}

export function checkInitContainers(
  containers: readonly Container[] | undefined,
  path: string,
  place: ContainerPlace & { others: readonly Container[] },
  into: FieldError[],
): void {
  if (!containers?.length) return;
  const names = new Set(place.others.map(({ name }) => name));
  for (const [at, container] of containers.entries()) {
    const here = `${path}[${at}]`;
    checkCommon(container, here, place, into);
    checkRestarts(container, here, into);
    if (names.has(container.name)) into.push(duplicateValue(`${here}.name`, container.name));
    else if (container.name) names.add(container.name);
    checkHostPorts([container], path, into);
    if (container.restartPolicy === 'Always') {
      if (container.lifecycle) checkLifecycle(container.lifecycle, `${here}.lifecycle`, place, into);
      checkProbes(container, here, into);
    } else checkNothingOfSidecars(container, here, into);
  }
}

function checkNothingOfSidecars(container: Container, path: string, into: FieldError[]): void {
  for (const field of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const)
    if (container[field]) into.push(forbiddenField(`${path}.${field}`, ALWAYS_ONLY));
  for (const [at, { restartPolicy }] of (container.resizePolicy ?? []).entries())
    if (restartPolicy === 'RestartContainer')
      into.push(
        invalidValue(
          `${path}.resizePolicy[${at}].restartPolicy`,
          restartPolicy,
          "must not be set to 'RestartContainer' for non-sidecar initContainers",
        ),
      );
}

/** Fields that only containers of other lists have, in the order in which the server finds them. */
const NOT_EPHEMERAL = ['ports', 'resources', 'resizePolicy', 'restartPolicy', 'restartPolicyRules'] as const;
const HANDLED = ['livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle'] as const;
const NO_EPHEMERAL = 'cannot be set for an Ephemeral Container';

export function checkEphemeralContainers(
  containers: readonly EphemeralContainer[] | undefined,
  path: string,
  place: ContainerPlace & { others: readonly Container[] },
  into: FieldError[],
): void {
  if (!containers?.length) return;
  const others = new Set(place.others.map(({ name }) => name));
  const names = new Set(others);
  for (const [at, container] of containers.entries()) {
    const here = `${path}[${at}]`;
    checkCommon(container, here, place, into);
    checkPadding(container, here, into);
    if (names.has(container.name)) into.push(duplicateValue(`${here}.name`, container.name));
    names.add(container.name);
    const { targetContainerName: target } = container;
    if (target && !others.has(target)) into.push(valueNotFound(`${here}.targetContainerName`, target));
    for (const field of [...NOT_EPHEMERAL, ...HANDLED])
      if (isSet(container[field])) into.push(forbiddenField(`${here}.${field}`, NO_EPHEMERAL));
    for (const [index, { subPath, subPathExpr }] of (container.volumeMounts ?? []).entries()) {
      if (subPath) into.push(forbiddenField(`${here}.volumeMounts[${index}].subPath`, NO_EPHEMERAL));
      if (subPathExpr) into.push(forbiddenField(`${here}.volumeMounts[${index}].subPathExpr`, NO_EPHEMERAL));
    }
  }
}

const isSet = (value: unknown): boolean =>
  value !== undefined && (typeof value !== 'object' || value === null || Object.keys(value).length > 0);

/** The only rule of images that templates do not have. */
export function checkPadding({ image = '' }: Pick<Container, 'image'>, path: string, into: FieldError[]): void {
  if (image !== image.trim())
    into.push(invalidValue(`${path}.image`, image, 'must not have leading or trailing whitespace'));
}

function checkCommon(container: Container, path: string, place: ContainerPlace, into: FieldError[]): void {
  checkNeededName(container.name, dnsLabel, `${path}.name`, into);
  checkNeeded(container.image, `${path}.image`, into);
  checkWord(container.terminationMessagePolicy, MESSAGE_POLICIES, `${path}.terminationMessagePolicy`, into);
  if (container.ports) checkPorts(container.ports, `${path}.ports`, into);
  if (container.env) checkEnvironment(container.env, `${path}.env`, into);
  if (container.envFrom) checkEnvironmentSources(container.envFrom, `${path}.envFrom`, into);
  if (container.volumeMounts) checkMounts(container, `${path}.volumeMounts`, place.volumes, into);
  if (container.volumeDevices) checkDevices(container, `${path}.volumeDevices`, place.volumes, into);
  checkWord(container.imagePullPolicy, PULL_POLICIES, `${path}.imagePullPolicy`, into);
  checkContainerResources(container.resources, `${path}.resources`, place.claims, into);
  if (container.resizePolicy) checkResizing(container.resizePolicy, `${path}.resizePolicy`, place.restartPolicy, into);
  if (container.securityContext)
    checkSecurityContext(container.securityContext, `${path}.securityContext`, place.hostUsers, into);
}

function checkPorts(ports: readonly ContainerPort[], path: string, into: FieldError[]): void {
  const names = new Set<string>();
  for (const [at, { name, containerPort, hostPort, protocol }] of ports.entries()) {
    const here = `${path}[${at}]`;
    if (name) {
      const problems = portName(name);
      for (const text of problems) into.push(invalidValue(`${here}.name`, name, text));
      if (problems.length === 0) {
        if (names.has(name)) into.push(duplicateValue(`${here}.name`, name));
        names.add(name);
      }
    }
    if (!containerPort) into.push(required(`${here}.containerPort`));
    else checkPort(containerPort, `${here}.containerPort`, into);
    if (hostPort) checkPort(hostPort, `${here}.hostPort`, into);
    checkWord(protocol, PROTOCOLS, `${here}.protocol`, into);
  }
}

/** Two containers cannot have one port of the node. */
function checkHostPorts(containers: readonly Container[], path: string, into: FieldError[]): void {
  let taken: Set<string> | undefined;
  for (const [at, { ports = [] }] of containers.entries()) {
    for (const [index, { hostPort, hostIP = '', protocol }] of ports.entries()) {
      if (!hostPort) continue;
      const key = `${protocol}/${hostIP}/${hostPort}`;
      taken ??= new Set();
      if (taken.has(key)) into.push(duplicateValue(`${path}[${at}].ports[${index}].hostPort`, key));
      taken.add(key);
    }
  }
}

const RESIZABLE = ['cpu', 'memory'];
const RESIZE_POLICIES = ['NotRequired', 'RestartContainer'];

function checkResizing(
  policies: readonly ContainerResizePolicy[],
  path: string,
  restartPolicy: string | undefined,
  into: FieldError[],
): void {
  const seen = new Set<string>();
  for (const [at, { resourceName, restartPolicy: policy }] of policies.entries()) {
    if (seen.has(resourceName)) into.push(duplicateValue(`${path}[${at}]`, resourceName));
    seen.add(resourceName);
    checkWord(resourceName, RESIZABLE, path, into);
    checkWord(policy, RESIZE_POLICIES, path, into);
    if (restartPolicy === 'Never' && policy !== 'NotRequired')
      into.push(invalidValue(path, policy, "must be 'NotRequired' when pod `restartPolicy` is 'Never'"));
  }
}

function checkProbes(
  { livenessProbe, readinessProbe, startupProbe }: Container,
  path: string,
  into: FieldError[],
): void {
  if (livenessProbe) checkProbe(livenessProbe, `${path}.livenessProbe`, true, into);
  if (readinessProbe) checkProbe(readinessProbe, `${path}.readinessProbe`, false, into);
  if (startupProbe) checkProbe(startupProbe, `${path}.startupProbe`, true, into);
}

const RESTART_POLICIES = ['Always', 'Never', 'OnFailure'];
const ACTIONS = ['Restart', 'RestartAllContainers'];
const EXIT_OPERATORS = ['In', 'NotIn'];
const MOST_RULES = 20;
const MOST_CODES = 255;

function checkRestarts({ restartPolicy, restartPolicyRules = [] }: Container, path: string, into: FieldError[]): void {
  const field = `${path}.restartPolicy`;
  if (restartPolicy === undefined) {
    if (restartPolicyRules.length === 0) return;
    into.push(required(field, 'must specify restartPolicy when restart rules are used'));
  } else if (!RESTART_POLICIES.includes(restartPolicy)) into.push(notSupported(field, restartPolicy, RESTART_POLICIES));
  if (restartPolicyRules.length > MOST_RULES)
    into.push(tooMany(`${path}.restartPolicyRules`, restartPolicyRules.length, MOST_RULES));
  for (const [at, rule] of restartPolicyRules.entries())
    checkRestartRule(rule, `${path}.restartPolicyRules[${at}]`, into);
}

function checkRestartRule({ action, exitCodes }: ContainerRestartRule, path: string, into: FieldError[]): void {
  if (!ACTIONS.includes(action)) into.push(notSupported(`${path}.action`, action, ACTIONS));
  if (!exitCodes) {
    into.push(required(`${path}.exitCodes`, 'must be specified'));
    return;
  }
  const { operator, values = [] } = exitCodes;
  if (!EXIT_OPERATORS.includes(operator))
    into.push(notSupported(`${path}.exitCodes.operator`, operator, EXIT_OPERATORS));
  if (values.length > MOST_CODES) into.push(tooMany(`${path}.exitCodes.values`, values.length, MOST_CODES));
}
