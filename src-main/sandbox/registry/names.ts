/** The name rules of apimachinery's util/validation. Each answers why a text is refused, or nothing. */
import { randomSuffix, type Random } from '#common/base/random';

export type NameRule = (name: string) => string[];

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = String.raw`${LABEL}(\.${LABEL})*`;
const LABEL_1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';
const QUALIFIED = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';

const exactly = (pattern: string): RegExp => new RegExp(`^${pattern}$`);
const subdomainPattern = exactly(SUBDOMAIN);
const labelPattern = exactly(LABEL);
const label1035Pattern = exactly(LABEL_1035);
const qualifiedPattern = exactly(QUALIFIED);
const labelValuePattern = exactly(`(${QUALIFIED})?`);
const SEARCH_LABEL = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const SEARCH = String.raw`${SEARCH_LABEL}(\.${SEARCH_LABEL})*`;
const searchPattern = exactly(SEARCH);
const WILDCARD = String.raw`\*\.${SUBDOMAIN}`;
const wildcardPattern = exactly(WILDCARD);
const CONFIG_KEY = '[-._a-zA-Z0-9]+';
const configKeyPattern = exactly(CONFIG_KEY);
const environmentPattern = /^[ -<>-~]*$/;
const HEADER = '[-A-Za-z0-9]+';
const headerPattern = exactly(HEADER);
const portPattern = /^[-a-z0-9]+$/;
const anyLetter = /[a-z]/;
const HTTP_PATH = String.raw`[A-Za-z0-9/\-._~%!$&'()*+,;=:]+`;
const httpPathPattern = exactly(HTTP_PATH);

const longerThan = (text: string, most: number): string[] =>
  Buffer.byteLength(text) > most ? [`must be no more than ${most} bytes`] : [];

/** No problems: one list for all that is right, because names are checked with every write. */
const NONE: string[] = [];

export const dnsSubdomain: NameRule = (name) =>
  name.length <= 253 && subdomainPattern.test(name) ? NONE : problemsOf(name, 253, subdomainPattern, SUBDOMAIN_TEXT);

export const dnsLabel: NameRule = (name) => {
  if (name.length <= 63 && labelPattern.test(name)) return NONE;
  return problemsOf(name, 63, labelPattern, subdomainPattern.test(name) ? 'must not contain dots' : LABEL_TEXT);
};

export const dns1035Label: NameRule = (name) => problemsOf(name, 63, label1035Pattern, LABEL_1035_TEXT);

/** As `dnsSubdomain`, where underscores may stand too: search paths of resolvers. */
export const searchDomain: NameRule = (name) => problemsOf(name, 253, searchPattern, SEARCH_TEXT);

/** `*.example.com`. */
export const wildcardSubdomain: NameRule = (name) => problemsOf(name, 253, wildcardPattern, WILDCARD_TEXT);

/** Keys of ConfigMaps and Secrets. */
export const configKey: NameRule = (key) => [
  ...problemsOf(key, 253, configKeyPattern, CONFIG_KEY_TEXT),
  ...climbing(key),
];

/** Names of environment variables, in their relaxed form. */
export const environmentName: NameRule = (name) => [
  ...unless(name !== '', 'environment variable name must be non-empty'),
  ...unless(environmentPattern.test(name), ENVIRONMENT_TEXT),
];

export const httpHeader: NameRule = (name) => unless(headerPattern.test(name), HEADER_TEXT);

/** IANA service names, as ports are named. */
export const portName: NameRule = (name) => [
  ...unless(name.length <= 15, 'must be no more than 15 characters'),
  ...unless(portPattern.test(name), 'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)'),
  ...unless(anyLetter.test(name), 'must contain at least one letter (a-z)'),
  ...unless(!name.includes('--'), 'must not contain consecutive hyphens'),
  ...unless(!name.startsWith('-') && !name.endsWith('-'), 'must not begin or end with a hyphen'),
];

/** `acme.io/foo`: the problems, each with the part that is wrong. */
export function domainPrefixedPath(path: string): { value: string; text: string }[] {
  const slash = path.indexOf('/');
  const [host, rest] = [path.slice(0, slash), path.slice(slash + 1)];
  if (slash < 1 || rest === '')
    return [{ value: path, text: 'must be a domain-prefixed path (such as "acme.io/foo")' }];
  return [
    ...dnsSubdomain(host).map((text) => ({ value: host, text })),
    ...unless(httpPathPattern.test(rest), HTTP_PATH_TEXT).map((text) => ({ value: rest, text })),
  ];
}

function problemsOf(name: string, most: number, pattern: RegExp, text: string): string[] {
  return [
    ...unless(name.length <= most, `must be no more than ${most} characters`),
    ...unless(pattern.test(name), text),
  ];
}

function climbing(key: string): string[] {
  if (key === '.' || key === '..') return [`must not be '${key}'`];
  return unless(!key.startsWith('..'), "must not start with '..'");
}

/** RBAC and a few others: anything that can be one segment of a path. */
export const pathSegment: NameRule = (name) => {
  if (name === '.' || name === '..') return [`may not be '${name}'`];
  return ['/', '%'].filter((illegal) => name.includes(illegal)).map((illegal) => `may not contain '${illegal}'`);
};

const SUBDOMAIN_TEXT = `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${SUBDOMAIN}')`;
const LABEL_TEXT = `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${LABEL}')`;
const LABEL_1035_TEXT = `a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '${LABEL_1035}')`;
const QUALIFIED_TEXT = `must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${QUALIFIED}')`;
const SEARCH_TEXT = `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${SEARCH}')`;
const WILDCARD_TEXT = `a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '${WILDCARD}')`;
const CONFIG_KEY_TEXT = `a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '${CONFIG_KEY}')`;
const ENVIRONMENT_TEXT =
  "a valid environment variable name must consist only of printable ASCII characters other than '='";
const HEADER_TEXT = `a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '${HEADER}')`;
const HTTP_PATH_TEXT = `Invalid path (regex used for validation is '${HTTP_PATH}')`;
const LABEL_VALUE_TEXT = `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(${QUALIFIED})?')`;

/** Keys of labels, annotations and selectors: an optional DNS prefix and a name. */
export const qualifiedName: NameRule = (key) => {
  if (key.length <= 63 && qualifiedPattern.test(key)) return NONE;
  const parts = key.split('/');
  if (parts.length > 2) {
    return [
      `a valid label key ${QUALIFIED_TEXT} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const name = parts.at(-1) ?? '';
  return [...prefixProblems(parts), ...namePartProblems(name)];
};

function prefixProblems(parts: readonly string[]): string[] {
  if (parts.length < 2) return [];
  const [prefix = ''] = parts;
  if (prefix === '') return ['prefix part must be non-empty'];
  return dnsSubdomain(prefix).map((text) => `prefix part ${text}`);
}

function namePartProblems(name: string): string[] {
  if (name === '') return ['name part must be non-empty', `name part ${QUALIFIED_TEXT}`];
  return [
    ...longerThan(name, 63).map((text) => `name part ${text}`),
    ...unless(qualifiedPattern.test(name), `name part ${QUALIFIED_TEXT}`),
  ];
}

export const labelValue: NameRule = (value) =>
  value.length <= 63 && labelValuePattern.test(value)
    ? NONE
    : [...longerThan(value, 63), ...unless(labelValuePattern.test(value), LABEL_VALUE_TEXT)];

function unless(holds: boolean, text: string): string[] {
  return holds ? NONE : [text];
}

/** Room for the random letters within 63 bytes. */
const LONGEST_BASE = 58;

/** A name for an object that was sent with `generateName`. */
export function generatedName(base: string, random: Random): string {
  return base.slice(0, LONGEST_BASE) + randomSuffix(random);
}
