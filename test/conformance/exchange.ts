/** One request of a script, as data; every server answers the same ones. */
export interface Exchange {
  /** Unique in its script, in kebab-case. */
  name: string;
  /** `POST /api/v1/namespaces/{ns}/pods?dryRun=All`; `{ns}` is the namespace of the script. */
  request: string;
  /** JSON, or text as it is sent. */
  body?: unknown;
  /** Content-Type; JSON unless given. */
  type?: string;
  accept?: string;
  /** With `authorization` the request comes without the administrator's certificate. */
  headers?: Readonly<Record<string, string>>;
  /** Values of earlier answers that this request needs: `uid: create.metadata.uid` fills `{uid}` in path and body. */
  with?: Readonly<Record<string, string>>;
  /** For watches: how many events to wait for. The stream is left after them. */
  events?: number;
  /** Asked again until the answer has these values, by their paths: for what servers do in their own time. */
  until?: Readonly<Record<string, unknown>>;
  /** Of the lists and maps of these names, only the entries with these: the others are compared elsewhere. */
  only?: Readonly<Record<string, readonly string[]>>;
  /** What the page of results counts it as; nothing for preparations. */
  counts?: { verb: string; detail?: string };
}

/** Exchanges in their order, in a namespace of their own. */
export interface Script {
  /** `kinds/configmaps`: stable, names its recording. */
  name: string;
  /** `apps`, empty for core. */
  group: string;
  kind: string;
  exchanges: readonly Exchange[];
  /** Needs the server of `backend.ts`: its exchanges have `{backend-port}` and `{backend-ca}`. */
  backend?: true;
  /** Needs those of `webhook-host.ts`: its exchanges have `{webhook}`, `{plain}` and `{authority}`. */
  webhooks?: true;
  /** Needs `conversion-webhook.ts`: its exchanges have `{webhook-port}` and `{webhook-ca}`. */
  conversion?: true;
}

/** What came back, before or after it was made comparable. */
export interface Answer {
  status: number;
  /** Content-Type without parameters. */
  type: string;
  warnings: readonly string[];
  /** Parsed JSON, a list of watch events, or text. */
  body: unknown;
}
