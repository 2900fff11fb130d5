/** What policies and their bindings have in common. */
import type { ParamKind, ParamRef } from '#common/kube/types';
import { eachInvalid, forbiddenField, invalidValue, notSupported, required, type FieldError } from '../field-errors';
import { dns1035Label, dnsSubdomain, pathSegment } from '../names';
import { checkLabelSelector } from '../selector-rules';

export function checkParamKind({ apiVersion = '', kind = '' }: ParamKind, path: string, into: FieldError[]): void {
  if (apiVersion) checkApiVersion(apiVersion, `${path}.apiVersion`, into);
  else into.push(required(`${path}.apiVersion`));
  if (!kind) {
    into.push(required(`${path}.kind`));
    return;
  }
  const texts = dns1035Label(kind.toLowerCase());
  if (texts.length > 0) {
    const detail = `may have mixed case, but should otherwise match: ${texts.join(',')}`;
    into.push(invalidValue(`${path}.kind`, kind, detail));
  }
}

function checkApiVersion(apiVersion: string, path: string, into: FieldError[]): void {
  const parts = apiVersion === '/' ? [''] : apiVersion.split('/');
  if (parts.length > 2) {
    into.push(invalidValue(path, apiVersion, `unexpected GroupVersion string: ${apiVersion}`));
    return;
  }
  const [version = '', group = ''] = [...parts].reverse();
  const groupTexts = group ? dnsSubdomain(group) : [];
  if (groupTexts.length > 0) into.push(invalidValue(path, group, groupTexts.join(',')));
  if (!version) {
    into.push(invalidValue(path, apiVersion, 'version must be specified'));
    return;
  }
  const texts = dns1035Label(version);
  if (texts.length > 0) into.push(invalidValue(path, version, texts.join(',')));
}

export function checkPolicyName(name: string | undefined, path: string, into: FieldError[]): void {
  if (name) eachInvalid(into, path, name, dnsSubdomain(name));
  else into.push(required(path));
}

const NOT_FOUND_ACTIONS = ['Deny', 'Allow'];
const EXCLUSIVE = 'name and selector are mutually exclusive';

export function checkParamRef(ref: ParamRef | undefined, path: string, into: FieldError[]): void {
  if (!ref) return;
  const { name, selector, parameterNotFoundAction: action } = ref;
  if (name) {
    eachInvalid(into, `${path}.name`, name, pathSegment(name));
    if (selector) into.push(forbiddenField(`${path}.name`, EXCLUSIVE));
  }
  if (selector) {
    checkLabelSelector(selector, `${path}.selector`, into);
    if (name) into.push(forbiddenField(`${path}.selector`, EXCLUSIVE));
  }
  if (!name && !selector) into.push(required(path, 'one of name or selector must be specified'));
  const actionPath = `${path}.parameterNotFoundAction`;
  if (!action) into.push(required(actionPath));
  else if (!NOT_FOUND_ACTIONS.includes(action)) into.push(notSupported(actionPath, action, NOT_FOUND_ACTIONS));
}
