// Draws resources/icons/pilothouse.svg in the formats that packages need: icon.png (512), icon.ico, icon.icns.
// usage: node scripts/icons.mjs      after the drawing was changed; the results are committed
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, 'resources', 'icons');
const { module: harness } = await runnerImport(join(root, 'test/harness/browser.ts'));

const drawing = readFileSync(join(folder, 'pilothouse.svg'), 'utf8');
const browser = await harness.openChromium();
try {
  const png = await draw([16, 32, 48, 64, 128, 256, 512]);
  writeFileSync(join(folder, 'icon.png'), png.get(512));
  writeFileSync(join(folder, 'icon.ico'), ico([16, 32, 48, 256].map((size) => [size, png.get(size)])));
  writeFileSync(join(folder, 'icon.icns'), icns(png));
} finally {
  await browser.close();
}

async function draw(sizes) {
  const page = await browser.newPage();
  const pictures = new Map();
  for (const size of sizes) {
    await page.setViewportSize({ width: size, height: size });
    await page.setContent(`<style>body{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${drawing}`);
    pictures.set(size, await page.screenshot({ omitBackground: true }));
  }
  return pictures;
}

/** ICONDIR, one ICONDIRENTRY per picture, then the pictures as PNG (Windows Vista and newer). */
function ico(pictures) {
  const head = Buffer.alloc(6 + 16 * pictures.length);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(pictures.length, 4);
  let offset = head.length;
  for (const [index, [size, png]] of pictures.entries()) {
    const at = 6 + 16 * index;
    head.writeUInt8(size % 256, at);
    head.writeUInt8(size % 256, at + 1);
    head.writeUInt16LE(1, at + 4);
    head.writeUInt16LE(32, at + 6);
    head.writeUInt32LE(png.length, at + 8);
    head.writeUInt32LE(offset, at + 12);
    offset += png.length;
  }
  return Buffer.concat([head, ...pictures.map(([, png]) => png)]);
}

/** `icns`, the whole length, then type, length and PNG of each size; 11 and 12 are the doubled 16 and 32. */
function icns(png) {
  const types = { ic11: 32, ic12: 64, ic07: 128, ic08: 256, ic09: 512 };
  const parts = Object.entries(types).map(([type, size]) => chunk(type, png.get(size)));
  return chunk('icns', Buffer.concat(parts));
}

function chunk(type, content) {
  const head = Buffer.alloc(8);
  head.write(type, 0, 'latin1');
  head.writeUInt32BE(content.length + 8, 4);
  return Buffer.concat([head, content]);
}
