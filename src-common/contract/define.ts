import type { GenericSchema, InferOutput } from 'valibot';

/** An operation with one answer. `input` is checked in the host before the handler runs. */
export interface Call<I = unknown, O = unknown> {
  readonly kind: 'call';
  readonly input: GenericSchema<unknown, I>;
  readonly _output?: O;
}

/** An operation that answers with a stream of items until it ends or the reader leaves. */
export interface Stream<I = unknown, O = unknown> {
  readonly kind: 'stream';
  readonly input: GenericSchema<unknown, I>;
  readonly _output?: O;
}

export type Operation = Call | Stream;
export type Contract = Readonly<Record<string, Readonly<Record<string, Operation>>>>;

/** `call(v.object({ … })).returns<Answer>()` */
export function call<S extends GenericSchema>(input: S) {
  return {
    returns: <O>(): Call<InferOutput<S>, O> => ({
      kind: 'call',
      input: input as GenericSchema<unknown, InferOutput<S>>,
    }),
  };
}

/** `stream(v.object({ … })).of<Item>()` */
export function stream<S extends GenericSchema>(input: S) {
  return {
    of: <O>(): Stream<InferOutput<S>, O> => ({
      kind: 'stream',
      input: input as GenericSchema<unknown, InferOutput<S>>,
    }),
  };
}

export interface CallContext {
  /** Aborts when the caller leaves or the connection ends. */
  signal: AbortSignal;
}

/** The input may be left out where the operation takes none. */
type Request<I> = undefined extends I
  ? [input?: I, context?: Partial<CallContext>]
  : [input: I, context?: Partial<CallContext>];

/** What the window holds: a typed function per operation. */
export type Api<C extends Contract> = {
  readonly [G in keyof C]: {
    readonly [M in keyof C[G]]: C[G][M] extends Call<infer I, infer O>
      ? (...request: Request<I>) => Promise<O>
      : C[G][M] extends Stream<infer I, infer O>
        ? (...request: Request<I>) => AsyncIterable<O>
        : never;
  };
};

/** What the host implements: a handler per operation. */
export type Handlers<C extends Contract> = {
  readonly [G in keyof C]: {
    readonly [M in keyof C[G]]: C[G][M] extends Call<infer I, infer O>
      ? (input: I, context: CallContext) => Promise<O> | O
      : C[G][M] extends Stream<infer I, infer O>
        ? (input: I, context: CallContext) => AsyncIterable<O>
        : never;
  };
};
