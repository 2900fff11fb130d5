import { bytesText } from './quantity-text';

/** One key of a ConfigMap or a Secret; binary values have only their size. */
export interface DataEntry {
  key: string;
  text: string | undefined;
  bytes: number;
}

interface Keyed {
  data?: Record<string, string> | undefined;
  binaryData?: Record<string, string> | undefined;
}

/** The keys of a ConfigMap with their values, by name. */
export function dataEntries({ data = {}, binaryData = {} }: Keyed): DataEntry[] {
  const plain = Object.entries(data).map(([key, text]) => ({ key, text, bytes: utf8Length(text) }));
  const binary = Object.entries(binaryData).map(([key, base64]) => ({
    key,
    text: undefined,
    bytes: base64Length(base64),
  }));
  return [...plain, ...binary].sort((a, b) => a.key.localeCompare(b.key));
}

export function sizeText({ bytes }: Pick<DataEntry, 'bytes'>): string {
  return bytesText(bytes);
}

/** The bytes that base64 text stands for, without decoding it. */
export function base64Length(base64: string): number {
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
  return Math.max(0, Math.floor((base64.length * 3) / 4) - padding);
}

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** A revealed value that is no text: it holds characters that come from bytes that are not UTF-8. */
export function looksBinary(text: string): boolean {
  return [...text].some((letter) => letter === '\ufffd' || (letter < ' ' && !'\t\n\r\f\v'.includes(letter)));
}
