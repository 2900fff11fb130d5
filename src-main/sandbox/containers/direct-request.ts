/** A GET without a connection, of somebody in the same process who asks the same again and again. */
export interface DirectRequest {
  scheme: 'http' | 'https';
  /** Path and query. */
  url: string;
  /** By their names in small letters. */
  headers: Readonly<Record<string, string>>;
}

export interface DirectAnswer {
  status: number;
  body: Uint8Array;
  location?: string | undefined;
}

/** Answers as it would over a connection; nothing to who speaks another protocol, who must use one to learn how that ends. */
export type AnswerDirectly = (request: DirectRequest) => Promise<DirectAnswer> | undefined;
