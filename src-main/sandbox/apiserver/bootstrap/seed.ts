/** An object without what the server fills in. */
export type Seed = {
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Readonly<Record<string, string>>;
  };
} & Record<string, unknown>;
