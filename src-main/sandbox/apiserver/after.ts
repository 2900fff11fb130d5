/** Goes on with a value, at once where it is there already: most are, and a promise for each would cost more than the work. */
export function after<T, R>(value: T | Promise<T>, next: (value: T) => R): R | Promise<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}
