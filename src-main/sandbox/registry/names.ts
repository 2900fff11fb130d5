/** The name rules of apimachinery's util/validation. Each answers why a text is refused, or nothing. */
import { isIP } from 'node:net';
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

const longerThan = (text: string, most: number): string[] =>
  Buffer.byteLength(text) > most ? [`must be no more than ${most} bytes`] : [];

export const dnsSubdomain: NameRule = (name) => [
  ...unless(name.length <= 253, 'must be no more than 253 characters'),
  ...unless(subdomainPattern.test(name), SUBDOMAIN_TEXT),
];

export const dnsLabel: NameRule = (name) => [...longerThan(name, 63), ...unless(labelPattern.test(name), LABEL_TEXT)];

export const dns1035Label: NameRule = (name) => [
  ...longerThan(name, 63),
  ...unless(label1035Pattern.test(name), LABEL_1035_TEXT),
];

/** RBAC and a few others: anything that can be one segment of a path. */
export const pathSegment: NameRule = (name) => {
  if (name === '.' || name === '..') return [`may not be '${name}'`];
  return ['/', '%'].filter((illegal) => name.includes(illegal)).map((illegal) => `may not contain '${illegal}'`);
};

/** An address in its canonical form, as the names of IPAddress objects are. */
export const ipAddress: NameRule = (name) =>
  unless(isIP(name) !== 0, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)');

const SUBDOMAIN_TEXT = `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${SUBDOMAIN}')`;
const LABEL_TEXT = `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${LABEL}')`;
const LABEL_1035_TEXT = `a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '${LABEL_1035}')`;
const QUALIFIED_TEXT = `must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${QUALIFIED}')`;
const LABEL_VALUE_TEXT = `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(${QUALIFIED})?')`;

/** Keys of labels, annotations and selectors: an optional DNS prefix and a name. */
export const qualifiedName: NameRule = (key) => {
  const parts = key.split('/');
  if (parts.length > 2) {
    return [
      `a qualified name ${QUALIFIED_TEXT} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
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

export const labelValue: NameRule = (value) => [
  ...longerThan(value, 63),
  ...unless(labelValuePattern.test(value), LABEL_VALUE_TEXT),
];

function unless(holds: boolean, text: string): string[] {
  return holds ? [] : [text];
}

/** Room for the random letters within 63 bytes. */
const LONGEST_BASE = 58;

/** A name for an object that was sent with `generateName`. */
export function generatedName(base: string, random: Random): string {
  return base.slice(0, LONGEST_BASE) + randomSuffix(random);
}
