/** Which form of an answer the client gets, from its Accept header. */
import { failure, type ApiStatusError } from '#common/kube/status-error';

/** The whole object, the server's table of it, or its metadata alone. */
export type Form = 'object' | 'table' | 'metadata';

export interface Representation {
  form: Form;
  /** `v1` or `v1beta1` of meta.k8s.io, for tables and metadata. */
  metaVersion: string;
  encoding: 'json' | 'yaml' | 'protobuf';
  contentType: string;
}

interface Clause {
  type: string;
  parameters: ReadonlyMap<string, string>;
}

export const PROTOBUF_TYPE = 'application/vnd.kubernetes.protobuf';

const PROTOBUF: Representation = {
  form: 'object',
  metaVersion: 'v1',
  encoding: 'protobuf',
  contentType: PROTOBUF_TYPE,
};

/** What the place can give besides JSON and YAML. */
export interface Offers {
  readonly protobuf: boolean;
}

const PLAIN: Representation = { form: 'object', metaVersion: 'v1', encoding: 'json', contentType: 'application/json' };

/** Answers are cached: clients send few different headers, and many times. */
const parsed = new Map<string, Clause[]>();

function clausesOf(accept: string): Clause[] {
  let clauses = parsed.get(accept);
  if (!clauses) {
    clauses = accept.split(',').map(parseClause);
    if (parsed.size > 200) parsed.clear();
    parsed.set(accept, clauses);
  }
  return clauses;
}

function parseClause(text: string): Clause {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim());
  return { type: type.toLowerCase(), parameters: new Map(parameters.map(keyAndValue)) };
}

function keyAndValue(parameter: string): [string, string] {
  const equals = parameter.indexOf('=');
  return equals < 0 ? [parameter, ''] : [parameter.slice(0, equals).trim(), parameter.slice(equals + 1).trim()];
}

const ACCEPTED = [
  'application/json',
  'application/yaml',
  PROTOBUF_TYPE,
  'application/json;stream=watch',
  `${PROTOBUF_TYPE};stream=watch`,
];

/** Throws NotAcceptable (406) when nothing that is asked for can be given. */
export function negotiate(accept: string | undefined, isList: boolean, offers?: Offers): Representation {
  if (!accept) return PLAIN;
  for (const clause of clausesOf(accept)) {
    // Tables and metadata alone are JSON for everybody.
    if (clause.type === PROTOBUF_TYPE && !clause.parameters.has('as') && offers?.protobuf) return PROTOBUF;
    const found = representationOf(clause, isList);
    if (found) return found;
  }
  throw notAcceptable(accept);
}

/** The route refuses types that nothing here has; the negotiation refuses what is not made of this resource. */
function notAcceptable(accept: string): ApiStatusError {
  const list = ACCEPTED.join(', ');
  const isKnown = clausesOf(accept).some(({ type }) => type in ENCODINGS || type === PROTOBUF_TYPE);
  if (isKnown) return failure(406, 'NotAcceptable', `only the following media types are accepted: ${list}`);
  return failure(406, 'NotAcceptable', `406: Not Acceptable\n\nAvailable representations: ${list}`, {});
}

function representationOf({ type, parameters }: Clause, isList: boolean): Representation | undefined {
  const encoding = ENCODINGS[type];
  if (!encoding) return undefined;
  const as = parameters.get('as');
  if (!as) return encoding === 'json' ? PLAIN : { ...PLAIN, encoding, contentType: 'application/yaml' };
  const metaVersion = parameters.get('v') ?? '';
  if (parameters.get('g') !== 'meta.k8s.io' || !['v1', 'v1beta1'].includes(metaVersion)) return undefined;
  if (as === 'Table') return { ...PLAIN, form: 'table', metaVersion, encoding };
  if (as === (isList ? 'PartialObjectMetadataList' : 'PartialObjectMetadata')) {
    return { ...PLAIN, form: 'metadata', metaVersion, encoding };
  }
  return undefined;
}

const ENCODINGS: Readonly<Record<string, 'json' | 'yaml'>> = {
  'application/json': 'json',
  'application/*': 'json',
  '*/*': 'json',
  'application/yaml': 'yaml',
};

/** Discovery's own parameters: the first clause of `group` that is offered. */
export function negotiateDiscovery(accept: string | undefined): 'v2' | 'v2beta1' | 'legacy' {
  for (const { type, parameters } of clausesOf(accept ?? '')) {
    if (ENCODINGS[type] !== 'json') continue;
    if (parameters.get('g') !== 'apidiscovery.k8s.io' || parameters.get('as') !== 'APIGroupDiscoveryList') {
      if (parameters.get('as') === undefined) return 'legacy';
      continue;
    }
    const version = parameters.get('v');
    if (version === 'v2' || version === 'v2beta1') return version;
  }
  return 'legacy';
}
