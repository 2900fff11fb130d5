/** A file as text, taken in by the bundler. */
declare module '*?raw' {
  const text: string;
  export default text;
}
