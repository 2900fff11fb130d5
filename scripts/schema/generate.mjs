// Writes everything that is derived from the Kubernetes release named in packages.mjs:
//   src-common/kube/types.ts and resources.ts     the kinds for the compiler
//   resources/kubernetes-schema/schema.json       the kinds for the sandbox, see table.mjs
//   resources/kubernetes-schema/descriptions.json what the kinds say about themselves, see descriptions.mjs
// Needs Go (for its module cache and to read Go syntax) and, the first time, the Go module proxy.
// Run by hand when the release changes:  node scripts/schema/generate.mjs
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { readApplySchema, takeTopology } from './apply-schema.mjs';
import { buildModel } from './model.mjs';
import { packDescriptions } from './descriptions.mjs';
import { API_PACKAGES, META_PACKAGES, RELEASE } from './packages.mjs';
import { readResources } from './resources.mjs';
import { downloadModules, readDeclarations, readDiscovery, readResourceList } from './sources.mjs';
import { schemaTable } from './table.mjs';
import { nameTypes, reachableFrom, resourcesSource, typesSource } from './typescript.mjs';

const home = fileURLToPath(new URL('../..', import.meta.url));

async function writeSource(path, text) {
  const file = home + path;
  const config = await resolveConfig(file);
  writeFileSync(file, await format(text, { ...config, filepath: file }));
}

function writeData(name, data) {
  writeFileSync(`${home}resources/kubernetes-schema/${name}`, `${JSON.stringify(data)}\n`);
}

const modules = downloadModules();
const model = buildModel(readDeclarations(modules), API_PACKAGES, META_PACKAGES);
for (const note of takeTopology(model.types, readApplySchema(modules))) console.log(note);
const resources = readResources(readDiscovery(modules), (entry) => readResourceList(modules, entry));
const names = nameTypes(model.types, reachableFrom(model));

await writeSource('src-common/kube/types.ts', typesSource(model, RELEASE));
await writeSource('src-common/kube/resources.ts', resourcesSource(resources, names, RELEASE));
writeData('schema.json', schemaTable(model, resources, RELEASE));
writeData('descriptions.json', packDescriptions(model, modules));
